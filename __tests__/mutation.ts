/**
 * The unit tests of the core as one suite, for mutation testing: to load each file by itself, for each mutant,
 * would take hours. See stryker.config.mjs.
 */
import './capability/capability.test';
import './tokens/claims.test';
import './scopes/client-name.test';
import './config.test';
import './interop/dialects.test';
import './errors.test';
import './tokens/jws.test';
import './tokens/lifetime.test';
import './messages.test';
import './options.test';
import './scopes/params.test';
import './rules.test';
import './scopes/scope-list.test';
import './scopes/scope-uri.test';
import './scopes/scope.test';
import './sid.test';
import './capability/capability-signer.test';
import './capability/capability-verifier.test';
