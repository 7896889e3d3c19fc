import assert from 'node:assert/strict';
import { test } from 'node:test';
import type Docker from 'dockerode';
import { readImageFiles } from './image-file.ts';

/** An engine in whose containers every question for a file is answered so. */
const engine = (message: string) =>
	({
		createContainer: async () => ({
			getArchive: async () => {
				throw Object.assign(new Error(`(HTTP code 404) no such container - ${message} `), { statusCode: 404 });
			},
			remove: async () => undefined,
		}),
	}) as unknown as Docker;

const files = { image: 'image', paths: ['/etc/passwd'], labels: {} };

test('a file that an image does not have is empty; a container that somebody has removed meanwhile says nothing of it', async () => {
	assert.deepEqual(await readImageFiles(engine('Could not find the file /etc/passwd in container 1f'), files), ['']);
	for (const gone of ['No such container: 1f', 'no container with ID "1f" found in database: no such container'])
		await assert.rejects(readImageFiles(engine(gone), files), /no such container/i);
});
