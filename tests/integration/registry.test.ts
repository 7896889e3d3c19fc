/** The registry's container, its seeding, its front, and Apptainer in a hardened sandbox that pulls from it and pushes to it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { ask } from '../../sandbox-server/registry/client.ts';
import { RegistryFront } from '../../sandbox-server/registry/front.ts';
import { seedRegistry } from '../../sandbox-server/registry/seed.ts';
import { RegistryService } from '../../sandbox-server/registry/service.ts';
import { removeLearner, usedBytes } from '../../sandbox-server/registry/storage.ts';
import { newestImage, unique } from '../contract/real-engines.ts';
import { SandboxBench, sandboxEngine } from './sandbox-bench.ts';

const real = await sandboxEngine();
const images = 'missing' in real ? undefined : await testImages();
const skip = 'missing' in real ? real.missing : images ? false : 'the images of the registry have not been built: run ./etabli up';

async function testImages(): Promise<{ registry: string; seed: string } | undefined> {
	if ('missing' in real) return undefined;
	const registry = process.env['ETABLI_TEST_REGISTRY_IMAGE'] ?? (await newestImage(real.engine, 'etabli-registry'));
	const seed = process.env['ETABLI_TEST_SEED_IMAGE'] ?? (await newestImage(real.engine, 'etabli-seed/tp-apptainer/debian-mini'));
	return registry && seed ? { registry, seed } : undefined;
}

describe('the registry', { skip }, () => {
	const learner = 'learner-7f3a9c';
	const other = 'learner-000001';
	let folder: string;
	let service: RegistryService;
	let front: RegistryFront;
	let bench: SandboxBench;
	let otherSocket: string;
	const closers: (() => Promise<void>)[] = [];

	before(async () => {
		if ('missing' in real || !images) throw new Error('skipped');
		folder = await mkdtemp(
			join(tmpdir(), 'etabli-registry-test-with-a-folder-name-so-long-that-no-socket-address-could-hold-the-whole-path-'),
		);
		service = new RegistryService({ docker: real.engine.docker, image: images.registry, folder, instance: unique('test') });
		await service.start();
		closers.push(() => service.stop());
		front = new RegistryFront({
			upstreamSocket: service.socket,
			limits: { bytes: 64 * 2 ** 20 },
			usedBytes: (name) => usedBytes(service.data, name),
		});
		bench = new SandboxBench(real);
		await bench.start();
		closers.push(() => bench.stop());
		const course = { course: 'tp', images: ['mini'] };
		const mine = await front.listen(join(bench.sockets, 'registry.sock'), { learner, ...course });
		otherSocket = join(folder, 'other.sock');
		const others = await front.listen(otherSocket, { learner: other, ...course });
		closers.push(async () => {
			await mine.close();
			await others.close();
			front.close();
		});
		await seedRegistry({
			docker: real.engine.docker,
			socket: service.socket,
			folder,
			seeds: [{ course: 'tp', name: 'mini:1.0', image: images.seed }],
		});
	});
	after(async () => {
		for (const close of closers.reverse()) await close();
		await rm(folder, { recursive: true, force: true });
	});

	it('is seeded once: the second time nothing is uploaded', async () => {
		if ('missing' in real || !images) return;
		const uploaded: string[] = [];
		const seeds = [{ course: 'tp', name: 'mini:1.0', image: images.seed }];
		await seedRegistry({ docker: real.engine.docker, socket: service.socket, folder, seeds, onImage: (name) => uploaded.push(name) });
		assert.deepEqual(uploaded, []);
	});

	it('starts when it runs already, and serves again after its container has died', async () => {
		if ('missing' in real) return;
		await service.start();
		const [container] = await real.engine.docker.listContainers({
			filters: JSON.stringify({ name: [`etabli-registry-test-`], label: ['etabli.role=registry'] }),
		});
		assert.ok(container);
		assert.equal(container.HostConfig.NetworkMode, 'none');
		await real.engine.docker.getContainer(container.Id).kill();
		assert.equal(await service.healthy(), false);
		const answer = await ask(otherSocket, { method: 'GET', path: '/v2/mini/manifests/1.0' });
		assert.equal(answer.status, 503);
		assert.match(answer.body.toString(), /"errors":\[\{"code":"UNAVAILABLE"/);
		await service.start();
		assert.equal((await ask(otherSocket, { method: 'GET', path: '/v2/mini/manifests/1.0' })).status, 200);
	});

	it('lets Apptainer pull a course image, push a SIF file under the learner’s name and pull it back', async () => {
		await bench.output('apptainer pull mini.sif docker://localhost:5000/mini:1.0');
		assert.equal((await bench.output('apptainer exec mini.sif id -u')).trim(), '1000');
		await bench.output(`apptainer push mini.sif oras://localhost:5000/${learner}/mine:1`);
		await bench.output(`apptainer pull back.sif oras://localhost:5000/${learner}/mine:1 && cmp mini.sif back.sif`);
		assert.ok((await usedBytes(service.data, learner)) > 100_000);
	});

	it('does not let Apptainer push over a course image or under another name', async () => {
		for (const name of ['mini:1.0', `${other}/mine:1`, 'courses/tp/mini:1.0']) {
			const { code, stderr } = await bench.run(`apptainer push mini.sif oras://localhost:5000/${name}`);
			assert.notEqual(code, 0, name);
			assert.match(stderr, /denied|403/i, name);
		}
	});

	it('hides one learner’s images from another', async () => {
		for (const path of [`/v2/${learner}/mine/manifests/1`, `/v2/${learner}/mine/tags/list`])
			assert.equal((await ask(otherSocket, { method: 'GET', path })).status, 404, path);
		const catalog = JSON.parse((await ask(otherSocket, { method: 'GET', path: '/v2/_catalog' })).body.toString());
		assert.deepEqual(catalog, { repositories: ['mini'] });
		const tags = JSON.parse((await ask(otherSocket, { method: 'GET', path: '/v2/mini/tags/list' })).body.toString());
		assert.deepEqual(tags, { name: 'mini', tags: ['1.0'] });
	});

	it('does not let another learner’s blob be taken over by its digest', async () => {
		const manifest = await ask(service.socket, {
			method: 'GET',
			path: `/v2/${learner}/mine/manifests/1`,
			headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
		});
		const { layers } = JSON.parse(manifest.body.toString()) as { layers: { digest: string }[] };
		const digest = layers[0]?.digest ?? '';
		assert.match(digest, /^sha256:/);
		assert.equal((await ask(service.socket, { method: 'HEAD', path: `/v2/${learner}/mine/blobs/${digest}` })).status, 200);
		const taken = await ask(otherSocket, {
			method: 'POST',
			path: `/v2/${other}/x/blobs/uploads/?mount=${digest}&from=${learner}/mine`,
			headers: { 'content-length': 0 },
		});
		assert.equal(taken.status, 202, 'an ordinary upload begins instead');
		assert.equal((await ask(otherSocket, { method: 'GET', path: `/v2/${other}/x/blobs/${digest}` })).status, 404);
	});

	it('keeps each learner within their room, announced or not', async () => {
		const begin = async (): Promise<string> => {
			const answer = await ask(otherSocket, { method: 'POST', path: `/v2/${other}/big/blobs/uploads/`, headers: { 'content-length': 0 } });
			return String(answer.headers['location']);
		};
		const announced = await ask(otherSocket, { method: 'PATCH', path: await begin(), headers: { 'content-length': 2 ** 40 } }).catch(
			(error: unknown) => error,
		);
		assert.equal((announced as { status: number }).status, 413);
		const chunk = Buffer.alloc(2 ** 20);
		const endless = Readable.from(
			(function* () {
				for (;;) yield chunk;
			})(),
		);
		const flood = await ask(otherSocket, {
			method: 'PATCH',
			path: await begin(),
			headers: { 'content-type': 'application/octet-stream' },
			body: endless,
		}).catch(() => undefined);
		endless.destroy();
		if (flood) assert.equal(flood.status, 413);
		assert.ok((await usedBytes(service.data, other)) <= 66 * 2 ** 20);
		const small = Buffer.from('fits');
		assert.equal((await ask(otherSocket, { method: 'GET', path: '/v2/mini/tags/list' })).status, 200, 'reading goes on');
		await removeLearner(service.data, other);
		front.forget(other);
		const digest = `sha256:${createHash('sha256').update(small).digest('hex')}`;
		const put = await ask(otherSocket, {
			method: 'PUT',
			path: `${await begin()}&digest=${digest}`,
			headers: { 'content-length': small.length, 'content-type': 'application/octet-stream' },
			body: small,
		});
		assert.equal(put.status, 201);
	});

	it('counts manifests and the files of small pieces as well: neither is a way round the room', async () => {
		const pushed = async (body: Buffer, type: string, path: string) =>
			(await ask(otherSocket, { method: 'PUT', path, headers: { 'content-length': body.length, 'content-type': type }, body })).status;
		const config = Buffer.from('{}');
		const digest = `sha256:${createHash('sha256').update(config).digest('hex')}`;
		const repository = `/v2/${other}/padded`;
		const begin = { method: 'POST', path: `${repository}/blobs/uploads/`, headers: { 'content-length': 0 } };
		const location = String((await ask(otherSocket, begin)).headers['location']);
		assert.equal(await pushed(config, 'application/octet-stream', `${location}&digest=${digest}`), 201);
		const before = await usedBytes(service.data, other);
		for (let i = 0; i < 3; i++) {
			const type = 'application/vnd.oci.image.manifest.v1+json';
			const annotations = { pad: `${i}`.repeat(2 ** 20) };
			const manifest = {
				schemaVersion: 2,
				mediaType: type,
				config: { mediaType: 'application/json', digest, size: 2 },
				layers: [],
				annotations,
			};
			assert.equal(await pushed(Buffer.from(JSON.stringify(manifest)), type, `${repository}/manifests/same`), 201);
		}
		assert.ok((await usedBytes(service.data, other)) - before > 3 * 2 ** 20, 'those that have lost their tag take room, too');
	});

	it('answers a reader that sends a body along', async () => {
		const answer = await ask(otherSocket, {
			method: 'GET',
			path: '/v2/mini/tags/list',
			headers: { 'content-length': 3 },
			body: Buffer.from('abc'),
			signal: AbortSignal.timeout(10_000),
		});
		assert.equal(answer.status, 200);
	});

	it('has nothing but what the front lets through: no other port or socket in the sandbox', async () => {
		assert.equal((await bench.output('ls /run/etabli')).trim().split('\n').sort().join(' '), 'holder.sock registry.sock');
		const { code } = await bench.run('curl -sf -X DELETE http://localhost:5000/v2/mini/manifests/1.0');
		assert.notEqual(code, 0);
		assert.equal(
			(await bench.output('curl -s -o /dev/null -w "%{http_code}" --path-as-is http://localhost:5000/v2/x/../mini/manifests/1.0')).trim(),
			'400',
		);
	});
});
