/** What the kernel counts per user: one learner takes all of it, and the neighbour does not notice. Each has a number (uid) of their own. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { defaultUids } from '../../sandbox-server/options.ts';
import { connectEngine } from '../../sandbox-server/runtimes/find-engine.ts';
import { parseIdRange, whySharedId } from '../../sandbox-server/runtimes/id-range.ts';
import { rootlessUrl } from '../../sandbox-server/runtimes/rootless/choice.ts';
import { kernelLimit } from '../../sandbox-server/setup/kernel-limits.ts';
import type { ClientTerminal } from '../../sandbox-server/tools/rehearsal/client-terminal.ts';
import { plainText } from '../../src/shared/control-sequences.ts';
import { machinery, taughtCourses, WholeServer } from '../fixtures/server.ts';

/** Numbers of system calls: x86-64, arm64. */
const arm = process.arch === 'arm64';
const call = {
	sendmsg: arm ? 211 : 46,
	inotifyInit: arm ? 26 : 294,
	inotifyAdd: arm ? 27 : 254,
	unshare: arm ? 97 : 272,
	sigqueue: arm ? 138 : 129,
};
const newUser = 0x1000_0000;

/** Size of a pipe: fcntl's F_GETPIPE_SZ. */
const pipeSize = 1032;
/** A program blocks a real-time signal, which can then be queued to it. */
const blocked = 'use POSIX ":signal_h"; sigprocmask(SIG_BLOCK, POSIX::SigSet->new(40)); my $info = pack("i3 x116", 40, 0, -1);';

/** More watches than these are not tried: each takes memory of the sandbox's. */
const mostWatches = 400_000;

/** Each takes what it can get, says how much that was, and holds it until it is ended. */
const hoards = {
	// One descriptor, sent again and again to a socket that nobody reads: the kernel allows as many on their way as a process may have open.
	descriptors: `
		use Socket;
		socketpair(my $here, my $there, AF_UNIX, SOCK_STREAM, 0) or die;
		my ($data, $count) = ("x", 250);
		my $vector = pack("PQ", $data, 1);
		my $rights = pack("Qii", 16 + 4 * $count, 1, 1) . pack("i*", (fileno $there) x $count);
		my $header = pack("QQPQPQQ", 0, 0, $vector, 1, $rights, length $rights, 0);
		my $held = 0;
		$held += $count while $held < 100_000 && syscall(${call.sendmsg}, fileno $here, $header, 0x40) > 0;
		print "held $held ($!)\\n"; sleep`,
	watches: `
		mkdir "/tmp/w"; for (1..900) { open my $file, ">", "/tmp/w/$_" }
		my $held = 0;
		ROUND: for (1..450) {
			my $watcher = syscall(${call.inotifyInit}, 0);
			for (1..900) { my $path = "/tmp/w/$_"; syscall(${call.inotifyAdd}, $watcher, $path, 2) < 0 ? last ROUND : $held++ }
		}
		print "held $held ($!)\\n"; sleep`,
	pipes: `
		my @held;
		while (pipe(my $read, my $write)) { push @held, $read, $write }
		print "held ", @held / 2, " ($!)\\n"; sleep`,
	signals: `
		${blocked} my ($held, $most) = (0, qx(bash -c "ulimit -i"));
		$held++ while $held <= $most && syscall(${call.sigqueue}, $$ + 0, 40, $info) == 0;
		print "held $held ($!)\\n"; sleep`,
	// A few: all of them would take minutes.
	namespaces: `
		my $held = 0;
		for (1..50) {
			pipe(my $read, my $write);
			unless (fork) { print $write syscall(${call.unshare}, ${newUser}) == 0 ? "y" : "n"; close $write; sleep }
			close $write; $held++ if <$read> eq "y";
		}
		print "held $held ($!)\\n"; sleep`,
};

/** Why sandboxes have no numbers of their own on this machine; undefined: they have. */
async function whyShared(): Promise<string | undefined> {
	const range = parseIdRange(defaultUids);
	if (!range) return `${defaultUids} is no range`;
	const engine = await connectEngine({ url: machinery().engine, stateDir: tmpdir() });
	return whySharedId({ range, local: engine.local, mapsUsers: (await engine.info()).mapsUsers });
}

describe('what the kernel counts per user', { skip: (await whyShared()) ?? false }, () => {
	let server: WholeServer;
	let eve: ClientTerminal;
	let ada: ClientTerminal;
	before(async () => {
		server = await WholeServer.start({ courses: taughtCourses });
		const visit = { course: 'tp-apptainer', lesson: 'first-container', language: 'en' } as const;
		eve = await (await server.withTerminal(visit)).terminal();
		ada = await (await server.withTerminal(visit)).terminal();
		for (const terminal of [eve, ada]) await terminal.run('apptainer pull own.sif docker://localhost:5000/lolcow:1.0');
	});
	after(() => server?.stop());

	const says = async (terminal: ClientTerminal, command: string) => plainText(await terminal.run(command)).replaceAll('\r', '');

	/** @returns how much eve holds while `look` looks, and what hindered more */
	async function hoarding(what: keyof typeof hoards, look: () => Promise<void>): Promise<{ held: number; why: string }> {
		await eve.run(`echo ${Buffer.from(hoards[what]).toString('base64')} | base64 -d > hoard.pl`);
		await eve.run('ulimit -n hard; mkfifo said; perl -e \'$| = 1; do "./hoard.pl" or die $@\' > said & read -r line < said; echo "$line"');
		const [, held, why = ''] = /held (\d+) \((.*)\)/.exec(await says(eve, 'echo "$line"')) ?? [];
		await look();
		await eve.run('kill %perl; wait; rm said');
		return { held: Number(held), why };
	}

	test('descriptors on their way over sockets: one learner’s are used up, and the neighbour runs containers', async () => {
		const { held, why } = await hoarding('descriptors', async () => {
			assert.match(await says(eve, 'apptainer exec own.sif true; echo "status $?"'), /status [1-9]/, 'they notice themselves');
			assert.match(await says(ada, 'apptainer exec own.sif echo works-$((6 * 7))'), /works-42/);
		});
		assert.match(why, /Too many references/);
		assert.ok(held >= 4096 && held < 10_000, `${held}`);
	});

	const most = kernelLimit('fs.inotify.max_user_watches') ?? 0;
	test('watches of files: one learner’s are used up, and the neighbour still watches', {
		skip: most > mostWatches && `this machine allows ${most} for each`,
	}, async () => {
		const watch = `perl -e 'my $i = syscall(${call.inotifyInit}, 0); my $p = "/tmp"; print syscall(${call.inotifyAdd}, $i, $p, 2) > 0 ? "watches" : "$!", "\\n"'`;
		const { held, why } = await hoarding('watches', async () => {
			assert.match(await says(eve, watch), /No space/);
			assert.match(await says(ada, watch), /^watches$/m);
		});
		assert.match(why, /No space/);
		assert.ok(held <= most, `${held}`);
	});

	const pages = kernelLimit('fs.pipe-user-pages-soft') ?? 0;
	test('pages of pipes: one learner’s are used up, and the neighbour’s pipes hold as much as before', {
		skip: pages > 30_000 && `this machine allows ${pages} for each`,
	}, async () => {
		const size = async (terminal: ClientTerminal): Promise<number> =>
			Number(
				/holds (\d+)/.exec(await says(terminal, `perl -e 'pipe(my $r, my $w); print "holds ", fcntl($w, ${pipeSize}, 0), "\\n"'`))?.[1],
			);
		const usual = await size(eve);
		const { held } = await hoarding('pipes', async () => {
			assert.ok((await size(eve)) < usual, 'they notice themselves');
			assert.equal(await size(ada), usual);
		});
		assert.ok(held > 1000, `${held}`);
	});

	test('signals on their way: one learner’s are used up, and the neighbour still queues', async () => {
		const queue = `perl -e '${blocked} print syscall(${call.sigqueue}, $$ + 0, 40, $info) == 0 ? "queues" : "$!", "\\n"'`;
		const { why } = await hoarding('signals', async () => {
			assert.match(await says(eve, queue), /unavailable/);
			assert.match(await says(ada, queue), /^queues$/m);
		});
		assert.match(why, /unavailable/);
	});

	test('user namespaces: counted by a number that is one sandbox’s alone, of which the host has no user', async () => {
		const engine = await server.engine();
		const { held } = await hoarding('namespaces', async () => {
			const found = await Promise.all((await server.sandboxes()).map(async (name) => userOf(await engine.pid(name))));
			// One of the pool that is just being started or ended has no process, or one that is still the runtime's own.
			const numbers = found.filter((number) => number !== '' && number !== '0');
			assert.equal(new Set(numbers).size, numbers.length, `${numbers}`);
			for (const number of numbers) assert.match(number, /^21000\d{5}$/);
			assert.match(await says(ada, 'apptainer exec own.sif id -un'), /^learner$/m);
			for (const terminal of [ada, eve]) assert.ok(numbers.includes((/^\d+$/m.exec(await says(terminal, 'id -u')) ?? [''])[0]));
		});
		assert.equal(held, 50);
	});
});

test('where there are no such numbers the server says so, and sandboxes share one as before', {
	skip: machinery().engine === rootlessUrl && 'without root it is for one learner, with nobody to share with',
}, async () => {
	const server = await WholeServer.start({ uids: '65534-65534' });
	try {
		assert.match(server.said, /Warning: Sandboxes share one number .*: one learner can use up .* \(.*\)\./);
		assert.match(server.log(), /Sandboxes share one number/);
		const terminal = await (await server.withTerminal()).terminal();
		assert.match(plainText(await terminal.run('id -u; id -un')), /1000\s+learner/);
	} finally {
		await server.stop();
	}
});

/** Real user of a process, as this machine sees it; '': there is none any more. */
function userOf(pid: number | undefined): string {
	try {
		return /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
	} catch {
		return '';
	}
}
