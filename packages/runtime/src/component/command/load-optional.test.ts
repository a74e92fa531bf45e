import { expect, test } from 'vitest';
import { loadOptional } from './load-optional.ts';

const failing = (code: string): Promise<never> => Promise.reject(Object.assign(new Error('no such thing'), { code }));

test('packages that are missing are named, with the command that installs them', async () => {
  await expect(loadOptional('--transport kafka://a', ['kafkajs'], () => failing('ERR_MODULE_NOT_FOUND'))).rejects.toMatchObject({
    code: 'TW_BAD_OPTION',
    message: '--transport kafka://a needs packages that are not installed: npm install kafkajs',
  });
});

test('any other failure of loading is thrown unchanged, and what is loaded is given', async () => {
  await expect(loadOptional('--x', ['a'], () => failing('ERR_OTHER'))).rejects.toMatchObject({ code: 'ERR_OTHER' });
  await expect(loadOptional('--x', ['a'], () => Promise.resolve(5))).resolves.toBe(5);
});
