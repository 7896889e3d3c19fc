/**
 * Images that are made to do harm, where this server starts containers of them itself: what an engine would have to stop before a program of the
 * image runs. That mount points are links is tried in tests/integration/oci.test.ts.
 */
import assert from 'node:assert/strict';
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, describe, test } from 'node:test';
import { pack } from 'tar-stream';
import type { ImageStore } from '../../sandbox-server/images/image-store.ts';
import { imageRoot } from '../../sandbox-server/runtimes/oci/engine.ts';
import { UnpackedImages } from '../../sandbox-server/runtimes/oci/unpacked-images.ts';
import { sandboxContainer } from '../../sandbox-server/runtimes/sandbox-container.ts';
import { buildImage } from '../../sandbox-server/setup/image-build.ts';
import { Progress } from '../../sandbox-server/setup/progress.ts';
import { limitsSchema } from '../../src/shared/course/course.ts';
import { idleCommand, newestImage, realRuntime, unique } from '../contract/real-runtimes.ts';
import { SandboxHarness } from '../integration/sandbox-harness.ts';

const real = await realRuntime('oci');
const small = limitsSchema.parse({ memory: '128 MiB', home: { size: '8 MiB', files: 200 }, tmp: { size: '8 MiB', files: 200 } });
const base = 'missing' in real ? undefined : (process.env['ETABLI_TEST_BASE'] ?? (await newestImage(real.engine, 'etabli-base')));

describe('an image that means harm', {
	skip: 'missing' in real ? real.missing : base === undefined && 'the engine has no base image: run ./etabli up',
}, () => {
	if ('missing' in real || base === undefined) return;
	const { engine } = real;
	const made: { images: string[]; containers: string[] } = { images: [], containers: [] };
	after(async () => {
		for (const name of made.containers) await engine.containers.destroy(name);
		for (const reference of made.images) {
			const id = (await engine.images.inspect(reference))?.id.replace('sha256:', '') ?? 'none';
			await engine.images.untag(reference);
			// What a server's start would do: nobody needs it any more.
			rmSync(join(imageRoot, id), { recursive: true, force: true });
		}
	});

	/** The base image, and what these commands of its Dockerfile do to it. */
	async function spoilt(...lines: string[]): Promise<string> {
		const reference = `etabli-test-harm:${unique('x')}`;
		made.images.push(reference);
		const dockerfile = ['ARG BASE', 'FROM ${BASE}', 'USER 0', ...lines, ''].join('\n');
		const progress = new Progress({ write: () => undefined });
		await progress.step('image', (step) =>
			buildImage({ images: engine.images, from: { dockerfile }, reference, args: { BASE: base ?? '' }, network: 'host', step }),
		);
		return reference;
	}

	const noNodes = engine.builder.kind === 'podman' && 'no device nodes: Podman gives what it builds no right to make them';
	test('its device nodes open nothing, and its set-user-id programs change nobody', { skip: noNodes }, async (t) => {
		const nodes = ['memory c 1 1', 'disk b 254 0', 'disk8 b 8 0', 'kmsg c 1 11', 'loop c 10 237', 'tty1 c 4 1', 'mapper c 10 236'];
		const image = await spoilt(
			`RUN mkdir /nodes && cd /nodes && ${nodes.map((node) => `mknod -m 666 ${node}`).join(' && ')}`,
			'RUN cp /usr/bin/id /nodes/id && chmod 6755 /nodes/id',
		);
		const sandbox = new SandboxHarness({ engine, image });
		t.after(() => sandbox.stop());
		await sandbox.start();
		for (const node of nodes) {
			const path = `/nodes/${node.split(' ')[0]}`;
			// There as such: the refusal is the kernel's.
			await sandbox.output(`test -b ${path} || test -c ${path}`);
			for (const script of [`exec 3<${path}`, `exec 3>${path}`, `unshare -r sh -c "exec 3<${path}"`])
				assert.notEqual((await sandbox.run(script)).code, 0, `${path}: ${script}`);
		}
		assert.equal((await sandbox.output('/nodes/id -u')).trim(), (await sandbox.output('id -u')).trim());
		assert.equal((await sandbox.output('/nodes/id -g')).trim(), (await sandbox.output('id -g')).trim());
	});

	test('its working folder leads to no file that the OCI runtime has open', async () => {
		// The home of every sandbox, as a link to what runc 1.1.11 and before had open (CVE-2024-21626); then each number by itself.
		const image = await spoilt('RUN rm -rf /home/learner && ln -s /proc/self/fd/7 /home/learner');
		const places = readFileSync('/proc/self/mounts', 'utf8')
			.split('\n')
			.map((line) => line.split(' ')[1] ?? '');
		const machine = new Set(places.flatMap((path) => statSync(path, { throwIfNoEntry: false })?.dev ?? []));
		let ran = 0;
		for (const workingFolder of ['/home/learner', ...Array.from({ length: 14 }, (_, fd) => `/proc/self/fd/${fd + 3}`)]) {
			const name = unique('etabli-test-oci');
			made.containers.push(name);
			const spec = sandboxContainer(
				{ name, image, ociRuntime: undefined, limits: small, labels: {} },
				{ transport: tmpdir(), guest: tmpdir() },
				idleCommand,
			);
			// Whether it starts at all is the runtime's affair.
			await engine.containers.start({ ...spec, workingFolder }).catch(() => undefined);
			const pid = await engine.pid(name);
			if (pid !== undefined) {
				ran++;
				const [cwd, root] = [statSync(`/proc/${pid}/cwd/.`), statSync(`/proc/${pid}/root/.`)];
				// The image lies on a file system of the machine: there it is its own root, or what is in that.
				if (cwd.dev === root.dev) assert.equal(cwd.ino, root.ino, `${workingFolder} is outside`);
				else assert.ok(!machine.has(cwd.dev), `${workingFolder} is on a file system of the machine`);
			}
			await engine.containers.destroy(name);
		}
		assert.ok(ran < 15, 'most of them are refused');
	});

	test('a program of it that is called by the OCI runtime’s own name is no way to the OCI runtime', async () => {
		const image = await spoilt(
			`RUN printf '#!/proc/self/exe\\n' > /start && chmod 755 /start`,
			'RUN mkdir -p /run/etabli /opt/etabli && rm -rf /run/etabli && ln -s /proc/self /run/etabli',
		);
		const runc = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin']
			.map((folder) => join(folder, 'runc'))
			.find((path) => existsSync(path));
		const before = runc === undefined ? undefined : readFileSync(runc);
		const name = unique('etabli-test-oci');
		made.containers.push(name);
		const folder = mkdtempSync(join(tmpdir(), 'etabli-oci-'));
		after(() => rmSync(folder, { recursive: true, force: true }));
		const spec = sandboxContainer({ name, image, ociRuntime: undefined, limits: small, labels: {} }, { transport: folder, guest: folder }, [
			'/start',
		]);
		await engine.containers.start(spec).catch(() => undefined);
		await engine.containers.destroy(name);
		assert.deepEqual(readdirSync(folder), []);
		if (runc !== undefined && before) assert.ok(readFileSync(runc).equals(before));
	});
});

/** An archive as no engine would write it. */
function archive(fill: (entries: ReturnType<typeof pack>) => void): Readable {
	const entries = pack();
	fill(entries);
	entries.finalize();
	return Readable.from(entries, { objectMode: false });
}

const outOfPlace: [string, (entries: ReturnType<typeof pack>, outside: string) => void][] = [
	['a path that goes up', (entries) => entries.entry({ name: '../../../outside/word' }, 'changed')],
	['a path from the root', (entries, outside) => entries.entry({ name: join(outside, 'word') }, 'changed')],
	[
		'a link that goes up, and a file through it',
		(entries, outside) => {
			entries.entry({ name: 'way', type: 'symlink', linkname: outside });
			entries.entry({ name: 'way/word' }, 'changed');
		},
	],
	[
		'a hard link to a file of the machine, and another content for it',
		(entries, outside) => {
			entries.entry({ name: 'word', type: 'link', linkname: join(outside, 'word') });
			entries.entry({ name: 'word' }, 'changed');
		},
	],
];
for (const [what, fill] of outOfPlace) {
	test(`unpacking writes nowhere else: ${what}`, async (t) => {
		const place = mkdtempSync(join(tmpdir(), 'etabli-images-'));
		t.after(() => rmSync(place, { recursive: true, force: true }));
		const outside = mkdtempSync(join(place, 'outside-'));
		writeFileSync(join(outside, 'word'), 'as it was');
		const store: Pick<ImageStore, 'inspect' | 'exportRoot'> = {
			inspect: async () => ({ id: `sha256:${'a'.repeat(64)}`, bytes: 1, env: [] }) as unknown as Awaited<ReturnType<ImageStore['inspect']>>,
			exportRoot: async () => archive((entries) => fill(entries, outside)),
		};
		const images = new UnpackedImages(join(place, 'images'), store as ImageStore, 'unix:///nowhere');
		await images.get('a:1', AbortSignal.timeout(60_000)).catch(() => undefined);
		assert.equal(readFileSync(join(outside, 'word'), 'utf8'), 'as it was');
		assert.equal(lstatSync(join(outside, 'word')).nlink, 1, 'no image has it under another name');
		assert.deepEqual(readdirSync(outside), ['word']);
		assert.ok(!existsSync(join(place, 'outside')));
	});
}
