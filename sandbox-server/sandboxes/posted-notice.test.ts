import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Transport } from '../runtimes/transport.ts';
import { PostedNotices } from './posted-notice.ts';

test('a notice that is taken back while it is being written is not there afterwards; one that follows is', async () => {
	const files = new Map<string, string>();
	const transport: Transport = {
		name: 'slow',
		serve: async () => async () => {},
		put: async (file, text) => {
			await setImmediate();
			files.set(file, text);
		},
		withdraw: async (file) => void files.delete(file),
		remove: async () => {},
	};
	const notices = new PostedNotices(transport);
	const notice = (key: string) => ({ key, ends: 90_000, text: { fr: 'bientôt', en: 'soon' } });
	await Promise.all([notices.say(notice('soon')), notices.say(undefined)]);
	assert.deepEqual([...files], []);
	await Promise.all([notices.say(undefined), notices.say(notice('sooner')), notices.say(notice('last'))]);
	assert.deepEqual(Object.fromEntries(files), { 'notice.fr': 'last\n90\nbientôt\n', 'notice.en': 'last\n90\nsoon\n' });
});
