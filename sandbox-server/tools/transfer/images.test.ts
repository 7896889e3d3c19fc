import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { pack } from 'tar-stream';
import { checkImages } from './images.ts';

const names = ['etabli-base:000000000000', 'etabli-course-a:111111111111'];

function archive(files: Record<string, unknown>): AsyncIterable<Buffer> {
	const tar = pack();
	for (const [name, content] of Object.entries(files)) tar.entry({ name }, JSON.stringify(content));
	tar.finalize();
	return Readable.from(tar) as AsyncIterable<Buffer>;
}
const tags = (...list: string[]) => [{ Config: 'x.json', RepoTags: list, Layers: [] }];

test('the images that are promised, as Docker and as Podman call them', async () => {
	await checkImages(archive({ 'manifest.json': tags(...names), 'layer.tar': 'x' }), names);
	await checkImages(archive({ 'manifest.json': tags(...names.map((name) => `localhost/${name}`)) }), names);
	const annotations = { 'io.containerd.image.name': `docker.io/library/${names[0]}` };
	await checkImages(archive({ 'manifest.json': tags(...names), 'index.json': { manifests: [{ annotations }, {}] } }), names);
});

test('an archive cannot put its own image in the place of another, in none of its lists', async () => {
	const foreign = /brings an image that is none of Établi's: "debian:trixie"/;
	await assert.rejects(checkImages(archive({ 'manifest.json': tags(...names, 'debian:trixie') }), names), foreign);
	await assert.rejects(
		checkImages(archive({ 'manifest.json': tags(...names), repositories: { debian: { trixie: 'x' } } }), names),
		foreign,
	);
	const annotations = { 'io.containerd.image.name': 'docker.io/library/debian:trixie' };
	await assert.rejects(
		checkImages(archive({ 'manifest.json': tags(...names), 'index.json': { manifests: [{ annotations }] } }), names),
		foreign,
	);
	await assert.rejects(
		checkImages(archive({ 'manifest.json': tags(names[0] ?? '') }), names),
		/lacks the image "etabli-course-a:111111111111"/,
	);
	await assert.rejects(checkImages(archive({}), names), /lacks the image/);
	for (const name of ['./manifest.json', 'link/manifest.json', 'x/../manifest.json'])
		await assert.rejects(checkImages(archive({ 'manifest.json': tags(...names), [name]: tags('debian:trixie') }), names), foreign, name);
	const large = [...tags(...names, 'debian:trixie'), ...Array.from({ length: 40_000 }, () => ({ RepoTags: [], Layers: ['padding'] }))];
	await assert.rejects(
		checkImages(archive({ 'manifest.json': tags(...names), './manifest.json': large }), names),
		/its list of images has/,
	);
});
