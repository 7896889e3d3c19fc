/** The registry's container, its seeding, its front, and Apptainer in a hardened sandbox that pulls from it and pushes to it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { ask } from '../../sandbox-server/registry/client.ts';
import { CourseImageReader } from '../../sandbox-server/registry/course-images.ts';
import { RegistryFront } from '../../sandbox-server/registry/front.ts';
import { seedRegistry } from '../../sandbox-server/registry/seed.ts';
import { RegistryService } from '../../sandbox-server/registry/service.ts';
import { removeLearner, usedBytes } from '../../sandbox-server/registry/storage.ts';
import { MountedFolder } from '../../sandbox-server/runtimes/mounted-folder.ts';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { newestImage, unique } from '../contract/real-runtimes.ts';
import { eventually } from '../fixtures/eventually.ts';
import { testCourse } from '../fixtures/in-process-sandboxes.ts';
import { SandboxHarness, sandboxEngine } from './sandbox-harness.ts';

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
	let sandbox: SandboxHarness;
	let otherSocket: string;
	/** Whose it is in the engine: other tests have one there, too. */
	const instance = unique('test');
	const closers: (() => Promise<void>)[] = [];

	before(async () => {
		if ('missing' in real || !images) throw new Error('skipped');
		folder = await mkdtemp(
			join(tmpdir(), 'etabli-registry-test-with-a-folder-name-so-long-that-no-socket-address-could-hold-the-whole-path-'),
		);
		service = new RegistryService({ containers: real.engine.containers, image: images.registry, folder, instance });
		await service.start();
		closers.push(() => service.stop());
		front = new RegistryFront({
			upstreamSocket: service.socket,
			limits: { bytes: 64 * 2 ** 20 },
			usedBytes: (name) => usedBytes(service.data, name),
		});
		sandbox = new SandboxHarness(real);
		await sandbox.start();
		closers.push(() => sandbox.stop());
		const course = { course: 'tp', images: ['mini'] };
		const mine = await front.listen(sandbox.transport, { learner, ...course });
		const otherTransport = new MountedFolder(folder, 'other');
		otherSocket = join(otherTransport.path, 'registry.sock');
		const others = await front.listen(otherTransport, { learner: other, ...course });
		closers.push(async () => {
			await mine.close();
			await others.close();
			front.close();
		});
		await seedRegistry({
			images: real.engine.images,
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
		await seedRegistry({ images: real.engine.images, socket: service.socket, folder, seeds, onImage: (name) => uploaded.push(name) });
		assert.deepEqual(uploaded, []);
	});

	it('keeps its data from other programs of the machine, also from those that are nobody as it is', {
		skip: process.getuid?.() !== 0 && 'only root gives it another user',
	}, async () => {
		if ('missing' in real) return;
		// As the version before left it.
		chmodSync(folder, 0o711);
		await service.stop();
		await service.start();
		const look = (path: string) => spawnSync('ls', [path], { uid: 65_534, gid: 65_534, encoding: 'utf8' });
		assert.equal(statSync(service.data).uid, 65_534);
		for (const path of [service.data, service.socket]) assert.match(look(path).stderr, /Permission denied/);
		assert.equal(await service.healthy(), true);
	});

	it('starts when it runs already, and serves again after its container has died', async () => {
		if ('missing' in real) return;
		await service.start();
		const pid = await real.engine.pid(`etabli-registry-${instance}`);
		assert.ok(pid);
		const interfaces = readFileSync(`/proc/${pid}/net/dev`, 'utf8').match(/^ *\S+(?=:)/gm);
		assert.deepEqual(
			interfaces?.map((name) => name.trim()),
			['lo'],
		);
		process.kill(pid, 'SIGKILL');
		await eventually(async () => !(await service.healthy()), 'it to be gone');
		assert.equal(await service.healthy(), false);
		const answer = await ask(otherSocket, { method: 'GET', path: '/v2/mini/manifests/1.0' });
		assert.equal(answer.status, 503);
		assert.match(answer.body.toString(), /"errors":\[\{"code":"UNAVAILABLE"/);
		await service.start();
		assert.equal((await ask(otherSocket, { method: 'GET', path: '/v2/mini/manifests/1.0' })).status, 200);
	});

	it('lets Apptainer pull a course image, push a SIF file under the learner’s name and pull it back', async () => {
		await sandbox.output('apptainer pull mini.sif docker://localhost:5000/mini:1.0');
		assert.equal(await sandbox.output('apptainer exec mini.sif id -u'), await sandbox.output('id -u'));
		await sandbox.output(`apptainer push mini.sif oras://localhost:5000/${learner}/mine:1`);
		await sandbox.output(`apptainer pull back.sif oras://localhost:5000/${learner}/mine:1 && cmp mini.sif back.sif`);
		assert.ok((await usedBytes(service.data, learner)) > 100_000);
	});

	it('what lessons say of an image from Docker: two pulls are one file, by the cache; a shell reads its arguments once more', async () => {
		const pull = (name: string) => `apptainer pull ${name} docker://localhost:5000/mini:1.0`;
		await sandbox.output(`${pull('one.sif')} && ${pull('two.sif')} && cmp one.sif two.sif && rm one.sif`);
		assert.equal(await sandbox.output("apptainer run two.sif echo 'It costs $5.'"), 'It costs .\n');
		assert.equal(await sandbox.output("apptainer run --no-eval two.sif echo 'It costs $5.'"), 'It costs $5.\n');
	});

	it('tells what the images of a course are, read from themselves, and gives each as a file that the engine takes', async () => {
		if ('missing' in real || !images) return;
		const reader = new CourseImageReader(service.socket);
		const registry = ['mini:1.0', 'not-there:1.0'].map((name) => ({ name, from: 'x' }));
		const course = testCourse('tp', { registry });
		const [image, ...others] = await reader.of(course);
		assert.deepEqual(others, [], 'what is not in the registry is left out');
		assert.ok(image);
		const { digest, bytes, created, packages, ...rest } = image;
		assert.deepEqual(rest, {
			name: 'mini:1.0',
			layers: 1,
			platform: `linux/${{ x64: 'amd64', arm64: 'arm64' }[process.arch as string]}`,
			command: ['/bin/sh'],
			ports: [],
			volumes: [],
			signed: false,
			...Object.fromEntries(['title', 'description', 'version', 'licenses', 'source', 'user', 'folder'].map((key) => [key, undefined])),
		});
		const head = await ask(service.socket, { method: 'HEAD', path: `/v2/courses/tp/mini/manifests/${digest}` });
		assert.equal(head.status, 200);
		assert.ok(bytes > 1_000_000 && bytes < 10_000_000, String(bytes));
		assert.ok(created !== undefined && created > Date.UTC(2020, 0));
		assert.deepEqual(
			packages?.map(({ name }) => name),
			['busybox', 'libc6'],
		);
		assert.deepEqual(await reader.of(course), [image]);
		assert.equal(reader.of(course), reader.of(course), 'who asks while it is read waits for the same answer');

		assert.equal(await reader.archive({ course: 'tp', name: 'not-there:1.0' }), undefined);
		const archive = await reader.archive({ course: 'tp', name: 'mini:1.0' });
		assert.ok(archive);
		const whole = await buffer(archive.stream);
		assert.equal(whole.length, archive.bytes, 'its length was told');
		await real.engine.images.load(Readable.from([whole]));
		closers.push(() => real.engine.images.untag('mini:1.0'));
		const [loaded, built] = [await real.engine.images.inspect('mini:1.0'), await real.engine.images.inspect(images.seed)];
		assert.equal(loaded?.id, built?.id, 'the engine takes it for the very image that it has built');
	});

	it('does not let Apptainer push over a course image or under another name', async () => {
		for (const name of ['mini:1.0', `${other}/mine:1`, 'courses/tp/mini:1.0']) {
			const { code, stderr } = await sandbox.run(`apptainer push mini.sif oras://localhost:5000/${name}`);
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
			signal: AbortSignal.timeout(patience(10_000)),
		});
		assert.equal(answer.status, 200);
	});

	it('has nothing but what the front lets through: no other port or socket in the sandbox', async () => {
		const sockets = await sandbox.output("find /run/etabli -type s -printf '%f\\n'");
		assert.equal(sockets.trim().split('\n').sort().join(' '), 'agent.sock registry.sock');
		const { code } = await sandbox.run('curl -sf -X DELETE http://localhost:5000/v2/mini/manifests/1.0');
		assert.notEqual(code, 0);
		assert.equal(
			(await sandbox.output('curl -s -o /dev/null -w "%{http_code}" --path-as-is http://localhost:5000/v2/x/../mini/manifests/1.0')).trim(),
			'400',
		);
	});
});
