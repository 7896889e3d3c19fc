/** Web pages of programs in real sandboxes, on the whole real server: HTTP, WebSocket, an answer without end beside somebody who types, a restart, the end. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import type { LearnerClient } from '../../sandbox-server/tools/rehearsal/learner-client.ts';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { eventually } from '../fixtures/eventually.ts';
import { WholeServer } from '../fixtures/server.ts';

/** A server in the sandbox, of what its image has: /ws is a WebSocket that says a text back, /flood has no end, everything else is said. */
const program = String.raw`use strict; use warnings; use IO::Socket::INET; use Digest::SHA 'sha1'; use MIME::Base64; $SIG{CHLD} = 'IGNORE'; $SIG{PIPE} = 'IGNORE';
my $l = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 8000, Listen => 64, ReuseAddr => 1) or die;
while (my $c = $l->accept) { next if fork; my $head = ''; while (my $line = <$c>) { $head .= $line; last if $line =~ /^\r?\n/ }
 my ($path) = $head =~ m{^\w+ (\S+)};
 if ($path eq '/flood') { syswrite $c, "HTTP/1.1 200 OK\r\n\r\n"; my $b = 'x' x 65536; 1 while syswrite $c, $b; exit }
 if ($path eq '/ws') { my ($key) = $head =~ /Sec-WebSocket-Key: (\S+)/i; my $a = encode_base64(sha1($key . '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'), '');
  syswrite $c, "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: $a\r\n\r\n";
  my $f; sysread $c, $f, 1000; my ($n) = ord(substr $f, 1, 1) & 127; my @m = map ord, split //, substr $f, 2, 4; my @d = map ord, split //, substr $f, 6, $n;
  syswrite $c, chr(129) . chr($n) . join '', map chr($d[$_] ^ $m[$_ % 4]), 0 .. $#d; sleep 3600; exit }
 my ($host) = $head =~ /^Host: (\S+)/mi; my $t = "$path at $host"; syswrite $c, "HTTP/1.1 200 OK\r\nContent-Length: " . length($t) . "\r\n\r\n$t"; exit }
`;

/** A browser's tab of a preview: of names below localhost every browser thinks this machine. */
class Tab {
	readonly origin: URL;
	readonly cookie: string;
	constructor(origin: string, cookie: string) {
		this.origin = new URL(origin);
		this.cookie = cookie;
	}

	static async open(learner: LearnerClient, port: number): Promise<Tab> {
		const { address, origin } = (await learner.post(`/api/sandboxes/${learner.visit.course}/previews?language=en`, { port })) as {
			address: string;
			origin: string;
		};
		const first = await new Tab(origin, '').ask(address.slice(origin.length));
		assert.equal(first.statusCode, 303);
		first.resume();
		return new Tab(origin, String(first.headers['set-cookie']).split(';')[0] ?? '');
	}

	ask(path: string): Promise<IncomingMessage> {
		const { host, port } = this.origin;
		return new Promise((resolve, reject) => {
			httpRequest({ host: '127.0.0.1', port, path, headers: { host, ...(this.cookie && { cookie: this.cookie }) }, agent: false }, resolve)
				.on('error', reject)
				.end();
		});
	}

	async text(path: string): Promise<string> {
		const answer = await this.ask(path);
		let text = `${answer.statusCode} `;
		for await (const piece of answer.setEncoding('utf8')) text += piece;
		return text;
	}
}

test('a program in a sandbox is seen, spoken to, and gone with it', { timeout: patience(240_000) }, async (t) => {
	const server = await WholeServer.start({ keep: true });
	t.after(() => server.stop());
	const ada = await server.withTerminal();
	const terminal = await ada.terminal();
	const before = await Tab.open(ada, 8000);
	assert.match(await before.text('/'), /^502 .*Nothing listens on port 8000/s);
	await terminal.run(`echo ${Buffer.from(program).toString('base64')} | base64 -d > server.pl`);
	await terminal.run('(perl server.pl > said.txt 2>&1 &); until curl -s localhost:8000/up; do sleep 0.1; done');
	const tab = await Tab.open(ada, 8000);
	assert.equal(tab.origin.host, before.origin.host);
	assert.equal(await tab.text('/a?b=c'), '200 /a?b=c at localhost:8000');

	const socket = new WebSocket(`ws://127.0.0.1:${tab.origin.port}/ws`, {
		headers: { host: tab.origin.host, origin: tab.origin.origin, cookie: tab.cookie },
	});
	await once(socket, 'open');
	socket.send('hello');
	const [heard] = (await once(socket, 'message')) as [Buffer];
	assert.equal(String(heard), 'hello');

	// An answer without end, read as fast as it comes, and one that nobody reads: somebody else's keys come back all the same, and the server keeps nothing.
	const neighbour = await server.withTerminal();
	const typing = await neighbour.terminal();
	const [read, unread] = [await tab.ask('/flood'), await tab.ask('/flood')];
	let bytes = 0;
	read.on('data', (piece: Buffer) => {
		bytes += piece.length;
	});
	for (let turn = 0; turn < 20; turn++) assert.match(await typing.run(`echo turn $((${turn} + 1000))`), new RegExp(`turn ${turn + 1000}`));
	await eventually(() => bytes > 1 << 20, 'a MiB of the flood');
	const [, resident = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8')) ?? [];
	assert.ok(Number(resident) < 500_000, `the server has ${resident} kB`);
	t.diagnostic(`${bytes} bytes of a flood while the neighbour typed; the server has ${resident} kB`);
	for (const one of [read, unread]) one.destroy();

	// The neighbour's own port is another thing, and ada's page is not theirs.
	const stranger = await Tab.open(neighbour, 8000);
	assert.match(await stranger.text('/'), /^502 /);
	assert.match(await new Tab(tab.origin.origin, stranger.cookie).text('/'), /^403 .*open only to the person/s);

	// A server that was started anew knows none of the names; the sandbox is there, and its program too.
	const lost = once(socket, 'close');
	await server.kill('SIGKILL');
	await lost;
	await server.serve();
	assert.match(await tab.text('/'), /^410 /);
	await ada.connect();
	await ada.until(() => ada.sandbox.state === 'ready', 'the same sandbox');
	const again = await Tab.open(ada, 8000);
	assert.notEqual(again.origin.host, tab.origin.host);
	assert.equal(await again.text('/again'), '200 /again at localhost:8000');

	await ada.request('DELETE', `/api/sandboxes/${ada.visit.course}`);
	assert.match(await again.text('/'), /^410 .*Cet aperçu est terminé/s);
	await assert.rejects(ada.post(`/api/sandboxes/${ada.visit.course}/previews`, { port: 8000 }), /409 .*no-sandbox/);
	await server.kill('SIGTERM');
});
