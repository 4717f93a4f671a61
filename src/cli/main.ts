#!/usr/bin/env node
import { run } from './run';

// A reader that has enough, such as `head -1`, closes the pipe: that is no fault, and no reason for a stack trace.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

void run(process.argv.slice(2), process).then((exitCode) => {
  process.exitCode = exitCode;
});
