/**
 * The unit tests of the core as one suite, for mutation testing. Loading each file separately for each mutant
 * would take hours. See stryker.config.mjs.
 */
import './config.test';
import './decode-token.test';
import './errors.test';
import './nearest-word.test';
import './plain-object.test';
import './options.test';
import './sid.test';
import './scopes/client-name.test';
import './scopes/event-stream-scope.test';
import './scopes/incoming-scope.test';
import './scopes/other-scope.test';
import './scopes/outgoing-scope.test';
import './scopes/params.test';
import './scopes/scope-list.test';
import './scopes/scope-uri.test';
import './scopes/parse-scope.test';
import './tokens/claims.test';
import './tokens/clock.test';
import './tokens/jws.test';
import './tokens/token-kind.test';
import './tokens/lifetime.test';
import './capability/capability-signer.test';
import './capability/capability-verifier.test';
import './capability/capability.test';
import '../suites/interop/dialects.test';
