/** What the command has of its process. */
export interface Terminal {
  readonly stdin: AsyncIterable<Uint8Array | string> & { readonly isTTY?: boolean | undefined };
  readonly stdout: Output;
  readonly stderr: Output;
  /** The process's own: the library looks up credentials there. */
  readonly env: Record<string, string | undefined>;
}

/** A standard stream to write to. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
}

/** Done; the token is not good; wrong usage. */
export type ExitCode = 0 | 1 | 2;

/** What a subcommand was given, checked against the flags it takes. */
export interface Arguments {
  /** Each flag that is there: `true`, or its values in order. */
  readonly flags: Readonly<Record<string, true | readonly string[] | undefined>>;
  /** The one argument that is no flag. */
  readonly token: string | undefined;
}

/** Which flags a subcommand takes: `boolean` ones, and those with `one` value or `many`. */
export type FlagTypes = Readonly<Record<string, 'boolean' | 'one' | 'many'>>;

/** A subcommand, as its file exports it. */
export interface Command {
  readonly flagTypes: FlagTypes;
  /** Whether it takes a token. */
  readonly takesToken: boolean;
  readonly execute: (args: Arguments, terminal: Terminal) => ExitCode | Promise<ExitCode>;
}

/** The command was called wrongly. The message never has a value from the command line in it. */
export class UsageError extends Error {
  static {
    this.prototype.name = 'UsageError';
  }
}
