#!/usr/bin/env node
import { bearBrokenPipes } from './broken-pipes.ts';
import { runAsProcess } from './linger.ts';
import { runCommand } from './run-command.ts';

const { argv, env, stdin, stdout, stderr } = process;

bearBrokenPipes([stdout, stderr]);
await runAsProcess(1000, () => runCommand(argv.slice(2), { env, stdin, stdout, stderr, process }));
