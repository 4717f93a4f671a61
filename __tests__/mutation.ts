/**
 * The unit tests of the core as one suite, for mutation testing: to load each file by itself, for each mutant,
 * would take hours. See stryker.config.mjs.
 */
import './capability.test';
import './claims.test';
import './client-name.test';
import './config.test';
import './dialects.test';
import './errors.test';
import './jws.test';
import './lifetime.test';
import './messages.test';
import './options.test';
import './params.test';
import './rules.test';
import './scope-list.test';
import './scope-uri.test';
import './scopes.test';
import './sid.test';
import './signer.test';
import './verifier.test';
