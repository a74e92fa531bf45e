#!/usr/bin/env node
import { runCommand } from './run-command.ts';
import { codeOf } from './said-by-errors.ts';

const { argv, env, stdin, stdout, stderr } = process;

for (const stream of [stdout, stderr]) {
  stream.on('error', (error) => {
    // A reader that has left, as `head` does, is no failure.
    if (codeOf(error) !== 'EPIPE') throw error;
  });
}

process.exitCode = await runCommand(argv.slice(2), { env, stdin, stdout, stderr, process });
