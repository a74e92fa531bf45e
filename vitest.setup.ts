import { afterEach } from 'vitest';
import { registerContextManager } from './packages/runtime/src/testing/context-manager.ts';
import { checkOpenRecorders } from './packages/runtime/src/testing/open-recorders.ts';

// Once for each test file: vitest gives every file a process with globals of its own.
registerContextManager();

afterEach(checkOpenRecorders);
