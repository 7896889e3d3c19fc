import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import { inlineScriptHashes } from './content-policy.ts';
import { acceptedLanguage } from './language.ts';
import { folderWith, TestServer } from './stand-ins.ts';

const script = "document.documentElement.dataset.theme = 'dark';";
const hash = `'sha256-${createHash('sha256').update(script).digest('base64')}'`;
const home = `<!doctype html><title>Accueil</title><script>${script}</script><script src="/_astro/page.abc.js"></script>`;
const folder = folderWith({
	'index.html': 'static hosts alone show this',
	'404.html': '<!doctype html><title>not here</title>',
	'fr/404.html': '<!doctype html><title>pas ici</title>',
	'fr/index.html': home,
	'fr/apptainer/first/index.html': '<!doctype html><title>Leçon</title>',
	'en/index.html': '<!doctype html><title>Home</title>',
	'_astro/page.abc.js': 'export {};',
	'_astro/page.abc.js.br': '',
	'.secret': 'hidden',
});
let server: TestServer;
before(async () => {
	writeFileSync(join(folder.path, '_astro/page.abc.js.br'), brotliCompressSync('export {};'));
	server = await TestServer.start({ site: folder.path });
});
after(async () => {
	await server.stop();
	folder.remove();
});

const get = (url: string, headers: Record<string, string> = {}) =>
	server.app.inject({ url, headers: { host: 'localhost:8080', ...headers } });

test('the bare address leads to the language of the browser, French when it says nothing', async () => {
	const to = async (language: string | undefined) => {
		const answer = await get('/', language === undefined ? {} : { 'accept-language': language });
		assert.equal(answer.statusCode, 302);
		assert.equal(answer.headers['vary'], 'Accept-Language');
		assert.equal(answer.headers['set-cookie'], undefined);
		return answer.headers.location;
	};
	assert.equal(await to(undefined), '/fr/');
	assert.equal(await to('en-GB,en;q=0.9'), '/en/');
	assert.equal(await to('de-DE,de;q=0.9,en;q=0.5,fr;q=0.4'), '/en/');
	assert.equal(await to('de'), '/fr/');
	assert.equal(acceptedLanguage('en;q=0, fr;q=0.1'), 'fr');
	assert.equal(acceptedLanguage('*, ;;;, en;q=x'), 'fr');
	assert.equal(acceptedLanguage(','.repeat(1e6)), 'fr');
});

test('a page may run its own scripts and nothing else; it is asked for anew each time', async () => {
	const answer = await get('/fr/');
	assert.equal(answer.body, home);
	const policy = String(answer.headers['content-security-policy']);
	const directive = (name: string) => policy.split('; ').find((text) => text.startsWith(`${name} `));
	assert.equal(directive('script-src'), `script-src 'self' 'wasm-unsafe-eval' ${hash}`);
	assert.equal(directive('frame-ancestors'), "frame-ancestors 'none'");
	assert.equal(directive('connect-src'), "connect-src 'self' ws://localhost:8080");
	assert.equal(directive('frame-src'), 'frame-src http://*.localhost:8080', 'web pages of programs in a sandbox');
	for (const host of ['a;script-src *', "a 'unsafe-eval'", 'a, b']) {
		const odd = String((await get('/fr/', { host })).headers['content-security-policy']);
		assert.ok(odd.includes("connect-src 'self'; ") && !odd.includes('frame-src'), `a Host that is none adds nothing: ${odd}`);
	}
	assert.equal(answer.headers['cache-control'], 'no-cache');
	assert.ok(answer.headers['etag']);
	const again = await get('/fr/', { 'if-none-match': String(answer.headers['etag']) });
	assert.equal(again.statusCode, 304);
	assert.equal(again.headers['content-security-policy'], policy, 'the browser takes the headers of a 304 for the page that it kept');
});

test('a page that is built again while the server runs gets its new hashes', async () => {
	const path = join(folder.path, 'en/index.html');
	writeFileSync(path, '<script>one()</script>');
	const first = (await get('/en/')).headers['content-security-policy'];
	writeFileSync(path, '<script>other()</script>');
	const second = (await get('/en/')).headers['content-security-policy'];
	assert.notEqual(first, second);
	assert.ok(String(second).includes(inlineScriptHashes('<script>other()</script>')[0] ?? '?'));
});

test('assets are kept for good, and sent compressed when there is a compressed twin', async () => {
	const answer = await get('/_astro/page.abc.js', { 'accept-encoding': 'br' });
	assert.equal(answer.headers['cache-control'], 'public, max-age=31536000, immutable');
	assert.equal(answer.headers['content-encoding'], 'br');
	assert.match(String(answer.headers['content-type']), /javascript/);
	assert.match(String(answer.headers['vary']), /accept-encoding/i);
	const plain = await get('/_astro/page.abc.js');
	assert.equal(plain.body, 'export {};');
	assert.match(String(plain.headers['content-security-policy']), /connect-src 'self'/, 'it may be a worker, which fetches');
});

test('a folder without its slash leads to the page', async () => {
	const answer = await get('/fr/apptainer/first');
	assert.equal(answer.statusCode, 301);
	assert.equal(answer.headers.location, '/fr/apptainer/first/');
	assert.doesNotMatch(String((await get('//evil.example/fr')).headers.location ?? ''), /evil/);
});

test("what is not there gets the site's own page, in the language of the address; the interface gets a code", async () => {
	const french = await get('/fr/nothing/');
	assert.deepEqual([french.statusCode, /pas ici/.test(french.body)], [404, true]);
	assert.match(String(french.headers['content-security-policy']), /script-src 'self'/);
	assert.match((await get('/nothing', { 'accept-language': 'en' })).body, /not here/);
	assert.equal((await get('/api/nothing')).json().code, 'not-found');
	for (const url of ['/.secret', '/../package.json', '/%2e%2e/%2e%2e/etc/passwd', '/fr/..%2f..%2fpackage.json', '/%00']) {
		const { statusCode } = await get(url);
		assert.ok(statusCode === 404 || statusCode === 400, `${url}: ${statusCode}`);
	}
});

test('hashes are of what a browser runs', () => {
	assert.deepEqual(
		inlineScriptHashes('<script src="a.js"></script><script type=module src=b.js></script><p>no script</p><script></script>'),
		[],
	);
	assert.deepEqual(inlineScriptHashes(`<script data-x="a>b" type="module">${script}</script >`), [hash]);
	assert.deepEqual(inlineScriptHashes(`<SCRIPT>${script}</SCRIPT><script>${script}</script>`), [hash]);
	assert.deepEqual(inlineScriptHashes('<script>a\r\nb</script>'), inlineScriptHashes('<script>a\nb</script>'));
});
