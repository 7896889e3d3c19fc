/** Images in a folder, as any user: taken in, given out, built. What builds run is the machine's own static programs, and our agent. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
	chmodSync,
	existsSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { compileAgent } from '../../guest/build.ts';
import { RootlessSteps } from '../../runtimes/rootless/build-steps.ts';
import { BuildFailed } from '../image-store.ts';
import { FolderImages } from './folder-images.ts';
import { copyInto, putLayer, removeTree } from './layers.ts';
import { placeOf, pullImage } from './registry-client.ts';

const refused = spawnSync('unshare', ['--user', '--map-root-user', 'true'], { encoding: 'utf8' });
const skip = refused.status === 0 ? false : `the kernel gives no user namespaces: ${refused.stderr?.trim() ?? refused.error?.message}`;

describe('images in a folder', { skip }, () => {
	let place = '';
	let images: FolderImages;
	/** A shell without libraries, compiled here: it is all that a step needs. */
	let shell = '';
	const used = new Set<string>();

	before(async () => {
		place = mkdtempSync(join(tmpdir(), 'etabli-folder-images-'));
		const agent = join(place, 'agent');
		await compileAgent(agent);
		images = new FolderImages(join(place, 'images'), () => used, new RootlessSteps(() => agent));
		shell = join(place, 'step');
		writeFileSync(join(place, 'step.c'), stepProgram);
		const compiled = spawnSync('cc', ['-static', '-O1', '-o', shell, join(place, 'step.c')], { encoding: 'utf8' });
		assert.equal(compiled.status, 0, compiled.stderr);
	});
	after(async () => await removeTree(place));

	const folder = (name: string, files: Record<string, string>): string => {
		const path = join(place, name);
		mkdirSync(path);
		for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
		spawnSync('cp', [shell, join(path, 'sh')]);
		return path;
	};
	const build = async (reference: string, from: string, args: Record<string, string> = {}): Promise<string[]> => {
		const lines: string[] = [];
		await images.build({ from: { folder: from }, reference, args, network: 'engine', onLine: (line) => lines.push(line) });
		return lines;
	};
	const rootOf = async (reference: string): Promise<string> => (await images.get(reference, AbortSignal.timeout(60_000))).folder;

	it('builds: copies, runs steps as one who is called root, keeps settings', async () => {
		const lines = await build(
			'etabli-test-a:1',
			folder('a', {
				Dockerfile: [
					'ARG BASE=scratch',
					'FROM ${BASE} AS first',
					'COPY sh /bin/sh',
					'COPY note words/',
					'RUN gives file /made by \\',
					'\tthe step',
					'FROM scratch',
					'COPY --from=first / /',
					'LABEL one="1 \\$" two=2',
					'ENV A=x B="y z"',
					'WORKDIR /work/place',
					'USER nobody',
					'EXPOSE 80',
					'VOLUME /data',
					'HEALTHCHECK --interval=30s CMD look || exit 1',
					'ENTRYPOINT ["/bin/sh", "-c"]',
				].join('\n'),
				note: 'hello',
			}),
		);
		assert.ok(
			lines.some((line) => line.includes('uid 0 of root’s own')),
			lines.join('\n'),
		);
		const root = await rootOf('etabli-test-a:1');
		assert.equal(readFileSync(join(root, 'words/note'), 'utf8'), 'hello');
		assert.equal(statSync(join(root, 'made')).uid, process.getuid?.(), 'given to somebody else in play alone');
		assert.ok(statSync(join(root, 'work/place')).isDirectory());
		assert.ok(!existsSync(join(root, 'dev/null')), 'nothing of the step’s own /dev');
		const config = JSON.parse(await configOf(await images.save(['etabli-test-a:1']))) as { config: Record<string, unknown> };
		assert.deepEqual(config.config, {
			Labels: { one: '1 $', two: '2' },
			Env: ['A=x', 'B=y z'],
			WorkingDir: '/work/place',
			User: 'nobody',
			ExposedPorts: { '80/tcp': {} },
			Volumes: { '/data': {} },
			Healthcheck: { Test: ['CMD-SHELL', 'look || exit 1'], Interval: 30_000_000_000 },
			Entrypoint: ['/bin/sh', '-c'],
		});
		assert.deepEqual((await images.inspect('etabli-test-a:1'))?.env, ['A=x', 'B=y z']);
	});

	it('a layer takes away what its base had', async () => {
		await build(
			'etabli-test-base:1',
			folder('base', { Dockerfile: 'FROM scratch\nCOPY sh /bin/sh\nCOPY old other /d/\n', old: 'old', other: 'other' }),
		);
		await build('etabli-test-over:1', folder('over', { Dockerfile: 'ARG BASE\nFROM ${BASE}\nRUN takes /d/old\n' }), {
			BASE: 'etabli-test-base:1',
		});
		const [below, above] = [await rootOf('etabli-test-base:1'), await rootOf('etabli-test-over:1')];
		assert.ok(existsSync(join(below, 'd/old')));
		assert.ok(!existsSync(join(above, 'd/old')) && existsSync(join(above, 'd/other')));
		assert.ok(!existsSync(join(above, 'd/.wh.old')));
	});

	it('is given out and taken in again as the very same image', async () => {
		const before = await images.inspect('etabli-test-over:1');
		const other = new FolderImages(join(place, 'other'), () => used, new RootlessSteps(() => ''));
		await other.load(await images.save(['etabli-test-over:1', 'etabli-test-base:1']));
		assert.deepEqual(await other.inspect('etabli-test-over:1'), before);
		assert.deepEqual((await other.names('etabli-test-base')).sort(), ['etabli-test-base:1']);
		const { folder: root } = await other.get('etabli-test-over:1', AbortSignal.timeout(60_000));
		assert.ok(!existsSync(join(root, 'd/old')));
		await other.tag('etabli-test-over:1', 'etabli-test-over:2');
		await other.untag('etabli-test-over:1');
		assert.ok(await other.inspect('etabli-test-over:2'));
		await other.untag('etabli-test-over:2');
		assert.equal(await other.inspect(before?.id ?? ''), undefined, 'nobody calls it by a name any more');
		assert.ok(await other.inspect('etabli-test-base:1'));
	});

	it('a root file system becomes an image, and an archive again', async () => {
		const archive = pack();
		archive.entry({ name: 'etc/motd' }, 'hello');
		archive.entry({ name: 'closed', mode: 0o000 }, 'secret');
		archive.finalize();
		await images.importRoot(archive as unknown as Readable, 'etabli-test-root:1');
		const there = spawnSync('tar', ['-t'], { input: await bytesOf(await images.exportRoot('etabli-test-root:1')), encoding: 'utf8' });
		assert.deepEqual(there.stdout.trim().split('\n').sort(), ['closed', 'etc/', 'etc/motd']);
	});

	it('an archive that leads out of itself is refused, and nothing of it is taken', async () => {
		const evil = async (manifest: unknown, link?: string) => {
			const archive = pack();
			if (link) archive.entry({ name: 'config.json', type: 'symlink', linkname: link });
			archive.entry({ name: 'manifest.json' }, JSON.stringify(manifest));
			archive.finalize();
			await assert.rejects(images.load(archive as unknown as Readable), /outside itself|ENOENT/);
		};
		const [names, layers] = [['etabli-test-evil:1'], [] as string[]];
		await evil([{ Config: '../../step.c', RepoTags: names, Layers: layers }]);
		await evil([{ Config: 'config.json', RepoTags: names, Layers: layers }], join(place, 'step.c'));
		assert.equal(await images.inspect('etabli-test-evil:1'), undefined);
	});

	it('a layer cannot take away through a link what is the machine’s', async () => {
		const kept = join(place, 'kept');
		mkdirSync(kept);
		writeFileSync(join(kept, 'mine'), 'mine');
		const root = join(place, 'linked');
		mkdirSync(root);
		symlinkSync(kept, join(root, 'out'));
		const layer = join(place, 'layer.tar');
		const archive = pack();
		archive.entry({ name: 'out/.wh.mine' }, '');
		archive.entry({ name: 'out/.wh..wh..opq' }, '');
		archive.finalize();
		writeFileSync(layer, await bytesOf(archive as unknown as Readable));
		const { putLayer } = await import('./layers.ts');
		await putLayer(layer, root);
		assert.ok(existsSync(join(kept, 'mine')));
	});

	it('says which line fails, and leaves nothing', async () => {
		const wrong = async (text: string, said: RegExp) =>
			await assert.rejects(
				images.build({ from: { dockerfile: text }, reference: 'etabli-test-wrong:1', args: {}, network: 'engine' }),
				(error: Error) => error instanceof BuildFailed && said.test(error.message),
			);
		await wrong('FROM scratch\nADD a b\n', /line 2 of the Dockerfile: ADD is not known here/);
		await wrong('FROM etabli-no-such:1\n', /there is no image etabli-no-such:1/);
		await wrong('FROM etabli-test-base:1\nRUN fails\n', /the step ended with status 3/);
		await wrong('RUN x\n', /RUN before the first FROM/);
		assert.equal(await images.inspect('etabli-test-wrong:1'), undefined);
	});

	it('an end in the middle of a step ends the step, too', async () => {
		const ended = new AbortController();
		const order = {
			from: { dockerfile: 'FROM etabli-test-base:1\nRUN waits\n' },
			reference: 'etabli-test-ended:1',
			args: {},
			network: 'engine' as const,
		};
		await assert.rejects(
			images.build({
				...order,
				signal: ended.signal,
				onLine: (line) => line.includes('waiting') && ended.abort(new Error('that will do')),
			}),
			/that will do/,
		);
		assert.equal(await images.inspect('etabli-test-ended:1'), undefined);
	});

	it('a link of an image where something is mounted is refused', async () => {
		const from = folder('mounted-on-a-link', { Dockerfile: 'FROM scratch\nCOPY . /\nRUN gives file /made\n' });
		symlinkSync('..', join(from, 'proc'));
		await assert.rejects(
			images.build({ from: { folder: from }, reference: 'etabli-test-linked:1', args: {}, network: 'engine' }),
			/the image has a link at \/proc/,
		);
	});

	it('runs one command that makes a file of files', async () => {
		const run = { image: 'etabli-test-base:1', files: { '/in/a': Buffer.from('abc') }, result: '/out', log: '/log' };
		assert.equal((await images.runOnce({ ...run, command: ['/bin/sh', '-c', 'copies /in/a /out'] })).toString(), 'abc');
	});

	it('no layer and no COPY goes through a link to files of this machine', async () => {
		const outside = join(place, 'outside');
		const root = join(place, 'led');
		for (const path of [outside, root]) mkdirSync(path);
		writeFileSync(join(outside, 'secret'), 'mine');
		symlinkSync(outside, join(root, 'd'));
		symlinkSync(join(outside, 'secret'), join(root, 'note'));
		const layer = async (name: string, header: Partial<Header> & { name: string }): Promise<string> => {
			const archive = pack();
			archive.entry(header, header.type === 'link' ? '' : 'x');
			archive.finalize();
			writeFileSync(join(place, name), await bytesOf(archive as unknown as Readable));
			return join(place, name);
		};
		await assert.rejects(putLayer(await layer('l1', { name: 'd/evil' }), root), /leads out of its image/);
		await assert.rejects(
			putLayer(await layer('l2', { name: 'stolen', type: 'link', linkname: 'd/secret' }), root),
			/tar ended with|ended with/,
		);
		await assert.rejects(putLayer(await layer('l3', { name: 'a\nd/evil' }), root), /not taken here/);
		await putLayer(await layer('l4', { name: 'é à' }), root);
		assert.ok(existsSync(join(root, 'é à')));
		assert.ok(!existsSync(join(outside, 'evil')) && !existsSync(join(root, 'stolen')));
		const from = join(place, 'from');
		mkdirSync(from);
		writeFileSync(join(from, 'note'), 'theirs');
		symlinkSync(outside, join(from, 'out'));
		const copy = { from, root, to: '/', intoFolder: true, mode: '0600' };
		await copyInto({ ...copy, sources: [join(from, 'note')] });
		assert.equal(readFileSync(join(outside, 'secret'), 'utf8'), 'mine');
		assert.equal(readFileSync(join(root, 'note'), 'utf8'), 'theirs');
		for (const source of ['out', 'out/secret', 'out/*'])
			await assert.rejects(copyInto({ ...copy, sources: [join(from, source)] }), /a link leads out/, source);
	});

	it('an image with closed folders can be removed', async () => {
		const closed = join(place, 'closed');
		mkdirSync(join(closed, 'in'), { recursive: true });
		writeFileSync(join(closed, 'in/a'), '');
		chmodSync(join(closed, 'in'), 0o500);
		await removeTree(closed);
		assert.ok(!lstatSync(closed, { throwIfNoEntry: false }));
	});
});

describe('fetching from a registry', () => {
	const digest = (bytes: Buffer | string): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

	it('reads names as Docker does', () => {
		assert.deepEqual(placeOf('debian:trixie'), { host: 'registry-1.docker.io', repository: 'library/debian', tag: 'trixie' });
		assert.deepEqual(placeOf('ghcr.io/a/b'), { host: 'ghcr.io', repository: 'a/b', tag: 'latest' });
		assert.deepEqual(placeOf('localhost:5000/x:1'), { host: 'localhost:5000', repository: 'x', tag: '1' });
	});

	it('asks for a token, takes this processor’s image, believes nothing that it has not hashed', async (t) => {
		const layer = gzipSync('a layer');
		const config = JSON.stringify({ config: { Env: ['A=1'] }, rootfs: { type: 'layers', diff_ids: [digest('a layer')] } });
		const manifest = JSON.stringify({ schemaVersion: 2, config: { digest: digest(config) }, layers: [{ digest: digest(layer) }] });
		const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
		const index = JSON.stringify({ manifests: [{ digest: digest(manifest), platform: { architecture, os: 'linux' } }] });
		let spoilt = false;
		const server = createServer((request, response) => {
			const { url = '' } = request;
			if (url.startsWith('/token')) return void response.end(JSON.stringify({ token: url.includes('scope=pull') ? 'word' : '' }));
			if (request.headers.authorization !== 'Bearer word') {
				const realm = `http://${request.headers.host}/token`;
				return void response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}",service="x",scope="pull"` }).end();
			}
			if (url.endsWith('/manifests/1')) return void response.end(index);
			if (url.endsWith(digest(manifest))) return void response.end(manifest);
			if (url.endsWith(digest(config))) return void response.end(config);
			if (url.endsWith(digest(layer))) return void response.end(spoilt ? gzipSync('another') : layer);
			response.writeHead(404).end();
		}).listen(0, '127.0.0.1');
		await once(server, 'listening');
		const place = mkdtempSync(join(tmpdir(), 'etabli-pull-'));
		t.after(() => {
			server.close();
			rmSync(place, { recursive: true });
		});
		const { port } = server.address() as { port: number };
		const request = { folder: place, signal: AbortSignal.timeout(60_000), scheme: 'http' as const };
		const pulled = await pullImage({ ...request, reference: `127.0.0.1:${port}/a/b:1` });
		assert.equal(pulled.config, config);
		assert.deepEqual(
			pulled.layers.map((file) => readFileSync(file)),
			[layer],
		);
		await assert.rejects(pullImage({ ...request, reference: `127.0.0.1:${port}/a/b:2` }), /status 404/);
		spoilt = true;
		await assert.rejects(pullImage({ ...request, reference: `127.0.0.1:${port}/a/b:1` }), /not what was announced/);
	});
});

async function bytesOf(stream: Readable): Promise<Buffer> {
	const parts: Buffer[] = [];
	for await (const part of stream) parts.push(part as Buffer);
	return Buffer.concat(parts);
}

/** The configuration in an archive of one image. */
async function configOf(archive: Readable): Promise<string> {
	const bytes = await bytesOf(archive);
	const manifest = spawnSync('tar', ['-xO', 'manifest.json'], { input: bytes, encoding: 'utf8' }).stdout;
	const [{ Config } = { Config: '' }] = JSON.parse(manifest) as { Config: string }[];
	return spawnSync('tar', ['-xO', Config], { input: bytes, encoding: 'utf8' }).stdout;
}

/** In the place of a shell: `sh -c "WORD PATH …"`. */
const stepProgram = `
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
int main(int count, char **words)
{
	char *line = count > 2 ? words[2] : "", *word = strtok(line, " \\t"), bytes[64];
	if (!word)
		return 2;
	if (!strcmp(word, "gives")) {
		printf("uid %d of root’s own\\n", getuid());
		strtok(NULL, " \\t");
		char *path = strtok(NULL, " \\t");
		int fd = open(path, O_WRONLY | O_CREAT, 0644);
		return fd < 0 || chown(path, 42, 42) || setgid(42) || setuid(42);
	}
	if (!strcmp(word, "takes"))
		return unlink(strtok(NULL, " \\t"));
	if (!strcmp(word, "copies")) {
		int from = open(strtok(NULL, " \\t"), O_RDONLY), to = open(strtok(NULL, " \\t"), O_WRONLY | O_CREAT, 0644);
		ssize_t got = read(from, bytes, sizeof bytes);
		return got < 0 || write(to, bytes, got) != got;
	}
	if (!strcmp(word, "waits")) {
		puts("waiting");
		fflush(stdout);
		pause();
	}
	return 3;
}
`;
