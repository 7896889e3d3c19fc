/** Learners' files from one sandbox to the next, and home: names, links and archives that are made to do harm. On the real engine. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import type { LearnerClient } from '../../sandbox-server/tools/rehearsal/learner-client.ts';
import { show } from '../fixtures/browser-screen.ts';
import { Attacked } from './hostility.ts';

let attacked: Attacked;
before(async () => {
	attacked = await Attacked.start();
});
after(async () => {
	await attacked.isUnharmed();
	attacked.hadNoFault();
	await attacked.server.stop();
});

/** The kept archive of a learner. */
function archiveOf(learner: LearnerClient): string {
	const folder = join(attacked.server.data, 'homes/trial');
	const [name, ...others] = readdirSync(folder).filter((one) => one.startsWith(learner.name));
	assert.ok(name !== undefined && others.length === 0, 'one archive of theirs');
	return join(folder, name);
}

/** What a learner's own program would unpack: names as tar reads them, and the bytes. */
async function takenHome(learner: LearnerClient): Promise<{ names: string[]; text: string }> {
	const response = await fetch(`${attacked.server.address}/api/sandboxes/trial/archive?language=en`, {
		headers: { cookie: learner.cookie },
	});
	assert.equal(response.status, 200);
	assert.match(response.headers.get('content-disposition') ?? '', /^attachment; filename="[a-z0-9.-]+"$/);
	const bytes = gunzipSync(Buffer.from(await response.arrayBuffer()));
	const names: string[] = [];
	for (let at = 0; at + 512 <= bytes.length && bytes[at] !== 0; ) {
		const field = (from: number, length: number) => bytes.toString('latin1', at + from, at + from + length).replace(/\0.*$/s, '');
		names.push([field(345, 155), field(0, 100)].filter(Boolean).join('/'));
		at += 512 + Math.ceil(Number.parseInt(field(124, 12), 8) / 512) * 512;
	}
	return { names, text: bytes.toString('latin1') };
}

test('names with line ends, dots, escapes and bytes that are no text come back as they were, and leave their place nowhere', async () => {
	const eve = await attacked.server.withTerminal();
	const terminal = await eve.terminal();
	await terminal.run(
		[
			'cd',
			"mkdir -p odd/... $'odd/two\\nlines' $'odd/left out\\t99\\tforged' odd/-rf",
			"echo 1 > $'odd/two\\nlines/x'; echo 2 > $'odd/\\xff\\xfe'; echo 3 > $'odd/\\e]0;title\\a'; echo 4 > 'odd/<img src=x onerror=alert(1)>'",
			'echo 5 > "odd/$(printf %0255d 7)"',
			'd=odd/deep; for i in $(seq 30); do d=$d/$(printf %0100d $i); done; mkdir -p "$d"; echo 6 > "$d/end"',
			"ln -s /etc/passwd odd/absolute; ln -s ../../../../../../etc/shadow odd/upwards; ln -s / odd/root; ln odd/-rf/../$'\\xff\\xfe' odd/hard",
			"head -c 6M /dev/urandom > $'odd/large\\n<b>'",
		].join('; '),
	);
	await eve.request('DELETE', '/api/sandboxes/trial');
	await eve.until(() => eve.sandbox.state === 'none', 'the sandbox to be put away');
	const { names, text } = await takenHome(eve);
	for (const name of names) {
		assert.ok(!name.startsWith('/') && !name.split('/').includes('..'), name);
		assert.ok(name.startsWith('trial/') || name.startsWith('././@'), name);
	}
	assert.doesNotMatch(text, /root:[^:]*:0:0/, 'what links lead to is not taken along');
	await eve.start();
	const again = await eve.terminal('2');
	const seen = await again.run(
		[
			'cd',
			"cat $'odd/two\\nlines/x' $'odd/\\xff\\xfe' $'odd/\\e]0;title\\a' 'odd/<img src=x onerror=alert(1)>' \"odd/$(printf %0255d 7)\" | tr -d '\\n'",
			"echo; find odd/deep -name end | wc -c; readlink odd/absolute odd/upwards odd/root; [ odd/hard -ef $'odd/\\xff\\xfe' ] && echo same-$((40 + 2))",
		].join('; '),
	);
	assert.match(seen, /12345\r?\n3\d{3}\r?\n\/etc\/passwd\r?\n\.\.\/\.\.\/\.\.\/\.\.\/\.\.\/\.\.\/etc\/shadow\r?\n\/\r?\nsame-42/);
	await eve.goHome();
});

/** Entries of a forged archive, each beside an honest file that has to arrive or not, as `restored` says. */
const forged: { what: string; entries: (Partial<Header> & { name: string })[] }[] = [
	{ what: 'a name that leads upwards', entries: [{ name: 'trial/home/../../../../../etabli-forged', size: 1 }] },
	{ what: 'an absolute name', entries: [{ name: '/tmp/../etc/etabli-forged', size: 1 }] },
	{
		what: 'a file through a link that leads out',
		entries: [
			{ name: 'trial/home/out', type: 'symlink', linkname: '/run/etabli' },
			{ name: 'trial/home/out/etabli-forged', size: 1 },
			{ name: 'trial/home/up', type: 'symlink', linkname: '../../opt/etabli' },
			{ name: 'trial/home/up/etabli-forged', size: 1 },
		],
	},
	{ what: 'a hard link to what is not theirs', entries: [{ name: 'trial/home/taken', type: 'link', linkname: '/etc/shadow' }] },
	{
		what: 'devices, and rights of others',
		entries: [
			{ name: 'trial/home/disk', type: 'block-device', devmajor: 8, devminor: 0, mode: 0o666 },
			{ name: 'trial/home/memory', type: 'character-device', devmajor: 1, devminor: 1, mode: 0o666 },
			{ name: 'trial/home/suid', mode: 0o6777, uid: 0, gid: 0, uname: 'root', gname: 'root', size: 1 },
		],
	},
	{ what: 'a name without end', entries: [{ name: `trial/home/${'a/'.repeat(6000)}x`, size: 1 }] },
];

for (const { what, entries } of forged) {
	test(`a forged archive, ${what}: nothing outside of the home is there afterwards, and the learner has a sandbox`, async () => {
		const eve = await attacked.server.withTerminal();
		await (await eve.terminal()).run('echo honest > ~/honest');
		await eve.request('DELETE', '/api/sandboxes/trial');
		await eve.until(() => eve.sandbox.state === 'none', 'the sandbox to be put away');
		const tar = pack();
		for (const entry of entries) tar.entry({ uid: 1000, gid: 1000, mode: 0o644, ...entry }, entry.size ? 'x' : '');
		tar.finalize();
		const parts: Buffer[] = [];
		for await (const part of tar) parts.push(part as Buffer);
		writeFileSync(archiveOf(eve), gzipSync(Buffer.concat(parts)));
		await eve.start();
		const terminal = await eve.terminal('2');
		const seen = await terminal.run(
			'echo "out: $(find / -xdev -name etabli-forged -not -path "/home/*" 2>/dev/null | wc -l)"; ls /run/etabli /opt/etabli | grep -c forged; cd; find . -type b -o -type c -o -user root; cat taken 2>/dev/null | grep -c root:; echo end-$((40 + 2))',
		);
		assert.match(seen, /out: 0\r?\n0\r?\n0\r?\nend-42/);
		assert.equal(existsSync('/etabli-forged') || existsSync('/etc/etabli-forged') || existsSync('/tmp/etabli-forged'), false);
		await attacked.isUnharmed();
		await eve.goHome();
	});
}

test('titles with markup, without end, and of another program: text for the page, nothing in what is taken home, and checks go on', async () => {
	const eve = await attacked.server.withTerminal();
	const { terminal, screen } = await show(eve, '1');
	const titles: string[] = [];
	screen.terminal.onTitleChange((title) => titles.push(title));
	const markup = '<img src=x onerror=alert(1)>';
	await terminal.run(`printf '\\e]0;${markup}\\a\\e]2;${markup}\\e\\\\'`);
	await screen.until(() => titles.includes(markup));
	await terminal.run("printf '\\e]2;'; head -c 3000000 /dev/zero | tr '\\0' '<'; printf '\\a'");
	await terminal.run("printf '\\e]0;'; head -c 3000000 /dev/zero | tr '\\0' '>'; printf '\\030'");
	await terminal.run('touch done.txt');
	await eve.until(() => eve.steps.get('write')?.state === 'passed', 'the check after the title');
	await eve.request('DELETE', '/api/sandboxes/trial');
	await eve.until(() => eve.sandbox.state === 'none', 'the sandbox to be put away');
	const { text } = await takenHome(eve);
	const screens = text.slice(0, text.indexOf('trial/home'));
	// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
	assert.doesNotMatch(screens.replaceAll('\0', ''), /[\x01-\x08\x0b-\x1f]|<{100}/);
	assert.ok(readFileSync(archiveOf(eve)).length < 1e6);
	await attacked.isUnharmed();
});
