/** What learners may make of the registry's names, digests, uploads and paths: nothing reaches the registry but what is theirs. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { RegistryFront } from '../../sandbox-server/registry/front.ts';
import { MountedFolder } from '../../sandbox-server/runtimes/mounted-folder.ts';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { eventually } from '../fixtures/eventually.ts';
import { Random } from '../fixtures/random.ts';

const seed = Number(process.env['ETABLI_TEST_SEED'] ?? 20_261_125);
const learner = 'learner-aaaaaa';
const victim = 'learner-bbbbbb';
const folder = mkdtempSync(join(tmpdir(), 'etabli-'));
const socket = join(folder, 'sandbox/registry.sock');
/** Whatever gets through to it is noted: the real registry would do it. */
const reached: { method: string; path: string; bytes: number }[] = [];
const registry = createServer((request, response) => {
	const note = { method: request.method ?? '', path: request.url ?? '', bytes: 0 };
	reached.push(note);
	request.on('data', (chunk: Buffer) => {
		note.bytes += chunk.length;
	});
	request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{"name":"x","tags":[]}'));
});
const faults: unknown[] = [];
let front: RegistryFront;
let close: () => Promise<void>;
before(async () => {
	await new Promise<void>((resolve) => registry.listen(join(folder, 'registry.sock'), resolve));
	front = new RegistryFront({ upstreamSocket: join(folder, 'registry.sock'), onFault: (error) => faults.push(error) });
	({ close } = await front.listen(new MountedFolder(folder, 'sandbox'), { learner, course: 'tp', images: ['lolcow', 'deep/image'] }));
});
after(async () => {
	await close();
	front.close();
	registry.close();
	registry.closeAllConnections();
	rmSync(folder, { recursive: true, force: true });
});

let requests = 0;

/**
 * The request exactly as given.
 * @param ms after which the rest of an answer is not waited for: bodies that do not come are waited for by nobody else
 * @returns the status; 0 when the connection just ended
 */
async function raw(text: string, ms = 3000): Promise<number> {
	requests++;
	const client = connect(socket);
	let answer = '';
	client.on('data', (bytes) => {
		answer += bytes.toString('latin1');
	});
	client.on('error', () => undefined); // Cut off: one of the answers.
	client.write(text, 'latin1');
	const bound = setTimeout(() => client.destroy(), ms);
	await new Promise((resolve) => client.once('close', resolve));
	clearTimeout(bound);
	return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);
}

const line = (method: string, path: string, more = ''): string =>
	`${method} ${path} HTTP/1.1\r\nhost: localhost:5000\r\nconnection: close\r\n${more}\r\n`;

/** Nothing that reached the registry was somebody else's, or would be read there in another way than here. */
function assertOwn(): void {
	for (const { method, path } of reached) {
		const what = `${method} ${path}`;
		assert.match(path, /^\/v2\/(learner-aaaaaa\/[a-z0-9./_-]+|courses\/tp\/(lolcow|deep\/image))\/(tags|manifests|blobs)\//, what);
		assert.ok(!path.includes(victim) && !/\.\.|%2e|%2f|\/\/|[^!-~]|[\\#]/i.test(path), what);
		if (path.startsWith('/v2/courses/')) assert.ok(method === 'GET' || method === 'HEAD', what);
		assert.notEqual(method, 'DELETE', what);
	}
}

const sha = `sha256:${'0'.repeat(64)}`;
const upload = '00000000-0000-0000-0000-000000000000';
const methods = ['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE'];
const ends = ['tags/list', 'manifests/1', `manifests/${sha}`, `blobs/${sha}`, 'blobs/uploads/', `blobs/uploads/${upload}`];
const names = [
	...[
		`${victim}/x`,
		`${victim}`,
		`${learner}`,
		`${learner}x/x`,
		`${learner}-/x`,
		`x/${learner}/x`,
		`${learner.toUpperCase()}/x`,
		`${learner}/X`,
	],
	...[
		`${learner}/../${victim}/x`,
		`${learner}/./x`,
		`${learner}//x`,
		`/${learner}/x`,
		`${learner}/x/`,
		`${learner}/x//`,
		`../v2/${victim}/x`,
		'..',
		'.',
	],
	...['%2e%2e', '%2E%2E', '..%2f', '%252e%252e', '%c0%ae%c0%ae', '..;', '..\\', '%5c..', '\u00b7\u00b7'].map(
		(up) => `${learner}/${up}/${victim}/x`,
	),
	...[
		`${learner}%2f${victim}`,
		`${learner}/x%00`,
		`${learner}/x%0d%0ax:%20y`,
		`${learner}/x?/../../${victim}/x`,
		`${learner}/x#/${victim}`,
		`${learner}/x;${victim}`,
	],
	...[
		'courses/tp/lolcow',
		'courses/other/lolcow',
		'lolcow/../courses/other/x',
		'deep',
		'deep/image/x',
		'lolcow/x',
		'LOLCOW',
		'lolcow.',
		'_catalog',
		'',
	],
	...[
		`${learner}/${'a'.repeat(151)}`,
		`${learner}/${'a/'.repeat(600)}a`,
		`${learner}/${'a'.repeat(20_000)}`,
		`${learner}/-a`,
		`${learner}/a..b`,
		`${learner}/a___b`,
		`${learner}/é`,
	],
	...[
		`${learner}/manifests/x`,
		`${learner}/x/blobs/uploads`,
		`${victim}/manifests/x/../../${learner}/x`,
		`${learner}/x/tags/list/../../../${victim}/x`,
	],
];

test('every name under every path by every method: only what is the learner’s own gets through', async () => {
	for (const name of names)
		for (const end of ends)
			for (const method of methods) {
				const status = await raw(line(method, `/v2/${name}/${end}`, method === 'GET' || method === 'HEAD' ? '' : 'content-length: 0\r\n'));
				assert.ok(status === 0 || (status >= 200 && status < 500 && status !== 201), `${status} for ${method} ${name}/${end}`);
			}
	assertOwn();
});

test('digests, tags, upload numbers and queries that are none', async () => {
	const references = [
		...[
			'',
			'.',
			'..',
			'-x',
			'.x',
			'x'.repeat(129),
			'x y',
			'x%20',
			'sha256:',
			`sha256:${'0'.repeat(63)}`,
			`sha256:${'0'.repeat(65)}`,
			`sha256:${'G'.repeat(64)}`,
		],
		...[
			`SHA256:${'0'.repeat(64)}`,
			`md5:${'0'.repeat(32)}`,
			`sha256:../../${'0'.repeat(58)}`,
			`sha512:${'0'.repeat(64)}`,
			`${sha}/x`,
			`${upload}x`,
			upload.toUpperCase(),
			'../uploads',
		],
		...['__proto__', 'constructor', '%2e%2e', '\u00ff', '*', '1,2', '1;2'],
	];
	const queries = [
		...[
			'?',
			'??',
			'?n=99999',
			'?n=-1',
			'?n=1e9',
			'?last=../x',
			'?last=%00',
			`?mount=${sha}&from=${victim}/x`,
			`?from=${victim}/x&mount=${sha}&mount=${sha}`,
		],
		...[
			`?mount=${sha}&from=courses/tp/lolcow`,
			`?mount=${sha}&from=${learner}/../${victim}/x`,
			'?digest=x',
			`?digest=${sha}&digest=x`,
			'?_state=../',
			`?_state=${'A'.repeat(5000)}`,
			'?%00',
			'?a=%zz',
			'?x#y',
		],
	];
	for (const reference of references)
		for (const kind of ['manifests', 'blobs', 'blobs/uploads'])
			for (const method of methods) {
				const status = await raw(line(method, `/v2/${learner}/x/${kind}/${reference}`, 'content-length: 0\r\n'));
				assert.ok(status < 500, `${status} for ${method} ${kind}/${reference}`);
			}
	for (const query of queries)
		for (const end of ends)
			for (const method of methods) {
				const status = await raw(line(method, `/v2/${learner}/x/${end}${query}`, 'content-length: 0\r\n'));
				assert.ok(status < 500, `${status} for ${method} ${end}${query}`);
			}
	assertOwn();
	for (const { path } of reached) assert.ok(!/from=(?!learner-aaaaaa|courses%2Ftp)/.test(path), path);
});

test(`paths made of pieces at random (seed ${seed})`, async () => {
	const random = new Random(seed);
	const pieces = [
		learner,
		victim,
		'v2',
		'courses',
		'tp',
		'lolcow',
		'..',
		'.',
		'',
		'%2f',
		'%2e%2e',
		'\\',
		'tags',
		'list',
		'manifests',
		'blobs',
		'uploads',
		upload,
		sha,
		'x',
		'?',
		'#',
		'@',
		':',
		'_catalog',
		' ',
		'\u0000',
	];
	for (let i = 0; i < 1500; i++) {
		const path = `/${random.below(4) === 0 ? '' : 'v2/'}${Array.from({ length: 1 + random.below(7) }, () => random.pick(pieces)).join(random.below(8) === 0 ? '' : '/')}`;
		const status = await raw(line(random.pick(methods), path, 'content-length: 0\r\n'));
		assert.ok(status < 500, `${status} for ${JSON.stringify(path)}`);
	}
	assertOwn();
});

test('uploads whose length or range is a lie, and manifests without end', async () => {
	const own = `/v2/${learner}/x`;
	const put = (path: string, headers: string, body: string): Promise<number> => raw(line('PUT', `${own}/${path}`, headers) + body);
	const before = reached.length;
	for (const range of [
		'0-',
		'-1',
		'5-0',
		'0-99999999999999999999',
		'bytes=0-1',
		'x',
		'0-1,2-3',
		'-',
		'18446744073709551616-18446744073709551617',
		'NaN-NaN',
	])
		assert.ok(
			(await raw(`${line('PATCH', `${own}/blobs/uploads/${upload}`, `content-range: ${range}\r\ncontent-length: 2\r\n`)}ab`)) < 500,
			range,
		);
	for (const length of ['-1', '1e9', '0x10', '99999999999999999999', '+5', '5 5', '', 'NaN'])
		assert.ok((await put('manifests/1', `content-length: ${length}\r\n`, 'hello')) < 500, length);
	assert.equal(await raw(line('PUT', `${own}/manifests/1`, `content-length: ${100 * 2 ** 20}\r\n`), patience(60_000)), 413);
	// Without a length: it ends where the limit is.
	const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
	const status = await put('manifests/1', 'transfer-encoding: chunked\r\n', chunk.repeat(80));
	assert.ok(status === 413 || status === 0, `${status}`);
	assert.ok(reached.slice(before).every(({ bytes }) => bytes <= 4 * 2 ** 20 + 0x10000));
	for (const smuggled of [
		`content-length: 4\r\ntransfer-encoding: chunked\r\n`,
		`transfer-encoding: chunked\r\ncontent-length: 4\r\n`,
		`transfer-encoding: chunked, identity\r\n`,
		`transfer-encoding: xchunked\r\n`,
		`content-length: 4\r\ncontent-length: 40\r\n`,
	])
		assert.ok((await put('manifests/1', smuggled, `0\r\n\r\nGET /v2/${victim}/x/tags/list HTTP/1.1\r\nhost: x\r\n\r\n`)) < 500, smuggled);
	assertOwn();
	// And it serves as before.
	await eventually(async () => (await raw(line('GET', '/v2/lolcow/manifests/1'))) === 200, 'an honest pull');
	assert.ok(requests >= 4500, `${requests}`);
	console.log(`${requests} hostile requests to the registry’s front; ${reached.length} were the learner’s own to make`);
});
