/** How a capability token is written, and by whom that may have been. */
export interface Dialect {
  /** The SDKs that write like this; none where no known one does. */
  readonly writers: readonly string[];
  /** By which marks that was told. */
  readonly marks: readonly string[];
  /** What follows from how it is written, a sentence each. */
  readonly notes: readonly string[];
}

/** The marks of a writer. What is not there may be either way. */
interface Marks {
  /** The members of the header, in order; with a space after each colon, where the JSON has some. */
  readonly header?: string;
  /** The claims, in order. */
  readonly claims?: string;
  /** How a space is written in the query of a scope. */
  readonly space?: '+' | '%20';
  /** How a space is written in a parameter: once encoded, or twice in one way or the other. */
  readonly paramSpace?: '+' | '%2B' | '%2520';
  /** The parts of an outgoing scope, in order. */
  readonly outgoing?: string;
  /** How the event stream's path is written, and where its filters are. */
  readonly path?: '/' | '%2F';
  readonly filters?: 'params' | 'appParams';
}

const NAME_FIRST = 'appSid,clientName,appParams';
const NAME_LAST = 'appSid,appParams,clientName';
const SORTED = 'appParams,appSid,clientName';
const PERCENT = { space: '%20', paramSpace: '%2520' } as const;
const PLUS = { space: '+', paramSpace: '%2B' } as const;
const ESCAPED = { path: '%2F', filters: 'params' } as const;
const BARE = { path: '/', filters: 'appParams' } as const;

/** Told by running them: the marks of each SDK that mints capability tokens. */
const WRITERS: readonly (readonly [name: string, marks: Marks])[] = [
  [
    'this library',
    { header: 'alg,typ', claims: 'scope,iss,exp', outgoing: NAME_FIRST, ...PERCENT, ...ESCAPED },
  ],
  [
    'twilio-node 1',
    { header: 'typ,alg', claims: 'scope,iss,exp', outgoing: NAME_LAST, ...PERCENT, ...ESCAPED },
  ],
  [
    'twilio-node 2',
    { header: 'typ,alg', claims: 'scope,iss,exp,iat', outgoing: NAME_LAST, ...PERCENT, ...ESCAPED },
  ],
  [
    'twilio-node 3 or newer',
    { header: 'alg,typ', claims: 'scope,iss,exp,iat', outgoing: NAME_FIRST, ...PERCENT, ...BARE },
  ],
  [
    'twilio-ruby 4 or older',
    { header: 'alg', claims: 'scope,iss,exp', outgoing: NAME_LAST, ...PLUS, ...ESCAPED },
  ],
  [
    'twilio-ruby 5 or newer',
    { header: 'typ,alg', claims: 'scope,iss,nbf,exp', space: '+', paramSpace: '+', ...ESCAPED },
  ],
  [
    'twilio-python 5 or older',
    { header: 'typ, alg', claims: 'scope,iss,exp', outgoing: SORTED, ...PLUS, ...ESCAPED },
  ],
  [
    'twilio-python 6 or newer',
    { header: 'alg,typ', claims: 'scope,iss,exp,nbf', outgoing: SORTED, ...PLUS, ...ESCAPED },
  ],
  ['twilio-php', { header: 'typ,alg', claims: 'scope,iss,exp', outgoing: NAME_LAST, ...PLUS, ...ESCAPED }],
  [
    'the community Go module',
    {
      header: 'alg,typ',
      claims: 'exp,iat,iss,scope',
      outgoing: SORTED,
      ...PLUS,
      path: '%2F',
      filters: 'params',
    },
  ],
];

/** Of these only the scopes are known, not what the libraries that sign for them write. */
const SCOPES_ONLY: typeof WRITERS = [
  ['twilio-java or twilio-csharp', { outgoing: NAME_FIRST, paramSpace: '%2B', ...BARE }],
];

/** Tells the dialect of a capability token that can be read. */
export function dialectOf(token: string): Dialect {
  const [header, payload] = token
    .split('.')
    .map((segment) => Buffer.from(segment, 'base64url').toString('utf8'));
  const claims = JSON.parse(payload!) as Record<string, unknown>;
  const scope = String(claims['scope']);
  const marks = { ...marksOfScopes(scope), header: membersOf(header!), claims: Object.keys(claims).join() };
  const known = WRITERS.filter((writer) => fits(marks, writer[1]));
  // A claim by which Java and C# alone can be told: a bare path, or a parameter that Node would not write so.
  const told = marks.paramSpace !== undefined || marks.path !== undefined;
  const writers = known.length > 0 || !told ? known : SCOPES_ONLY.filter((writer) => fits(marks, writer[1]));
  return {
    writers: writers.map(([name]) => name),
    marks: describeMarks(marks),
    notes: notesOn(
      scope,
      writers.map(([name]) => name),
    ),
  };
}

/** Whether nothing that a token shows speaks against a writer. */
function fits(found: Marks, writer: Marks): boolean {
  return (Object.keys(writer) as (keyof Marks)[]).every((mark) => {
    const [here, there] = [found[mark], writer[mark]];
    if (here === undefined || here === there) return true;
    // Of the parts of an outgoing scope not all need be there.
    return (
      mark === 'outgoing' &&
      there!
        .split(',')
        .filter((key) => here.split(',').includes(key))
        .join() === here
    );
  });
}

function marksOfScopes(scope: string): Marks {
  let marks: Marks = {};
  for (const uri of scope.split(/ (?=scope:)/)) {
    const [head, query = ''] = uri.split(/\?(.*)/s) as [string, string?];
    const parts = query.split('&').map((part) => part.split(/=(.*)/s) as [string, string?]);
    const valueOf = (...keys: string[]): string => parts.find(([key]) => keys.includes(key))?.[1] ?? '';
    if (head === 'scope:client:outgoing') marks = { ...marks, outgoing: parts.map(([key]) => key).join() };
    if (head === 'scope:stream:subscribe') {
      marks = { ...marks, path: valueOf('path').startsWith('/') ? '/' : '%2F' };
      const filters = parts.find(([key]) => key === 'params' || key === 'appParams')?.[0];
      if (filters !== undefined) marks = { ...marks, filters: filters as 'params' | 'appParams' };
    }
    const space = /\+|%20/.exec(valueOf('clientName'))?.[0];
    if (space !== undefined) marks = { ...marks, space: space as '+' | '%20' };
    const paramSpace = /\+|%2520|%2B/i.exec(valueOf('appParams', 'params'))?.[0].toUpperCase();
    if (paramSpace !== undefined) marks = { ...marks, paramSpace: paramSpace as '+' | '%2B' | '%2520' };
  }
  return marks;
}

function membersOf(header: string): string {
  const separator = /":\s/.test(header) ? ', ' : ',';
  return Object.keys(JSON.parse(header) as object).join(separator);
}

function describeMarks({ header, claims, space, paramSpace, outgoing, path, filters }: Marks): string[] {
  return [
    `header ${header!}`,
    `claims ${claims!}`,
    ...(outgoing === undefined ? [] : [`outgoing ${outgoing}`]),
    ...(space === undefined ? [] : [`a space as ${space}`]),
    ...(paramSpace === undefined ? [] : [`in params as ${paramSpace}`]),
    ...(path === undefined ? [] : [`path with ${path}`]),
    ...(filters === undefined ? [] : [`filters in ${filters}`]),
  ];
}

function notesOn(scope: string, writers: readonly string[]): string[] {
  const params = [...scope.matchAll(/[?&](?:appParams|params)=([^& ]*)/g)].map((match) => match[1]!);
  const once =
    params.some(isEncodedOnce) || (params.some(Boolean) && writers.join() === 'twilio-ruby 5 or newer');
  const raw = /clientName=[^& ]*(?: (?!scope:)|[^\x21-\x7e ])/.test(scope);
  return [
    ...(once ? ['The params are encoded once, not twice: values with "&" or "=" in them may be cut.'] : []),
    ...(raw ? ['A client name is written as it is, not percent-encoded.'] : []),
  ];
}

/** Whether what is left after one decoding is more than a second one would have written. */
function isEncodedOnce(params: string): boolean {
  return /\+|%(?!2[5B6E7-9A]|3D|5F|7E|2D)[0-9A-F]{2}/i.test(params);
}
