/** What the strip of a cluster is told where Slurm answers late, once or never: by programs that are bad in one way each, which a real one cannot be made to be. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { patience } from '../tools/testing/slowness.ts';

const script = join(import.meta.dirname, 'cluster-view');

/** Bodies of scripts; each call leaves a line in $CALLS before. */
const bad = {
	hangs: 'exec sleep infinity',
	timesOutOnce: '[ "$(grep -c "^$0$" "$CALLS")" -gt 1 ] || { echo "slurm_load: Connection timed out"; exit 1; }',
	/** As `timeout` tells of it. */
	hangsLong: 'exit 124',
	hangsOnce: '[ "$(grep -c "^$0$" "$CALLS")" -gt 1 ] || exit 124',
	refuses: 'echo "Parsing error"; exit 1',
	settlesUnsaid: '[ "$(grep -c "^$0$" "$CALLS")" -gt 2 ] || { echo "c1|completing|none"; exit; }',
};
const nodes = 'echo "c1|idle|none"';
const queue = 'echo "7|RUNNING|c1|None|mine"';

/** Pictures of a cluster of one node, one after the other, as lines; a program for each of Slurm's that is asked for. */
function watched(t: TestContext, { sinfo = '', squeue = '' }, settings = '') {
	const home = mkdtempSync(join(tmpdir(), 'view-'));
	const at = (...path: string[]) => join(home, ...path);
	for (const folder of ['bin', 'work', 'run/ctl', 'run/c1']) mkdirSync(at(folder), { recursive: true });
	for (const settings of ['slurm.conf', 'slurm.conf.original']) writeFileSync(at('work', settings), '');
	const calls = at('calls');
	const program = (name: string, body: string) => {
		writeFileSync(at('bin', name), `#!/bin/bash\necho "$0" >>"$CALLS"\n${body}\n`);
		chmodSync(at('bin', name), 0o755);
	};
	program('sinfo', [sinfo, nodes].join('\n'));
	program('squeue', [squeue, queue].join('\n'));
	// Programs of these names that live until they are told not to.
	const daemons = [
		['ctl', 'slurmctld'],
		['c1', 'slurmd'],
	].map(([place = '', name = '']) => {
		symlinkSync('/bin/sleep', at('bin', name));
		const daemon = spawn(at('bin', name), ['infinity'], { stdio: 'ignore' });
		writeFileSync(at('run', place, `${name}.pid`), `${daemon.pid}\n`);
		return daemon;
	});
	const shell = `work=${at('work')} run=${at('run')}; read_shape() { nodes=1; }; last_words() { :; }; . ${script}\n${settings}\nwatch`;
	const watch = spawn('bash', ['-c', shell], {
		detached: true,
		env: { ...process.env, CALLS: calls, PATH: `${at('bin')}:${process.env['PATH']}` },
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	t.after(async () => {
		const ended = [watch, ...daemons].map(over);
		for (const daemon of daemons) daemon.kill('SIGKILL');
		try {
			process.kill(-(watch.pid ?? 0), 'SIGKILL');
		} catch {
			// All of it has ended by itself.
		}
		await Promise.all(ended);
		rmSync(home, { recursive: true, force: true });
	});
	const lines = createInterface(watch.stdout)[Symbol.asyncIterator]();
	const picture = async () => {
		const read: string[] = [];
		for (;;) {
			const { value, done } = await lines.next();
			assert.ok(!done, 'it ended');
			if (value === '.') return read;
			read.push(value);
		}
	};
	const asked = () => readFileSync(calls, 'utf8').trim().split('\n');
	return { picture, daemons, asked: () => asked().map((path) => path.slice(at('bin').length + 1)) };
}
const over = async (child: ChildProcess) => {
	if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
};

const whole = ['daemon c1|runs', 'controller runs|first|', 'node c1|idle|none', 'job 7|RUNNING|c1|None|mine', 'queue 1|1|0'];
const silent = (words: string) => ['daemon c1|runs', `controller silent|first|${words}`];
const hang = { timeout: patience(60_000) };

test('what took too long is asked once more, the nodes as the queue; an answer that says no is not', hang, async (t) => {
	for (const late of [bad.timesOutOnce, bad.hangsOnce]) {
		const nodes = watched(t, { sinfo: late });
		assert.deepEqual([await nodes.picture(), nodes.asked()], [whole, ['sinfo', 'sinfo', 'squeue']]);
		const queue = watched(t, { squeue: late });
		assert.deepEqual([await queue.picture(), queue.asked()], [whole, ['sinfo', 'squeue', 'squeue']]);
	}
	const refused = watched(t, { sinfo: bad.refuses });
	assert.deepEqual([await refused.picture(), refused.asked()], [silent('Parsing error'), ['sinfo']]);
});

test('no answer is a controller that does not answer, and no empty queue', hang, async (t) => {
	assert.deepEqual(await watched(t, { sinfo: bad.hangs }, 'to_answer=0.2').picture(), silent(''));
	assert.deepEqual(await watched(t, { squeue: bad.hangsLong }).picture(), silent(''));
	const refused = watched(t, { squeue: bad.refuses });
	assert.deepEqual(await refused.picture(), silent('Parsing error'));
});

test('what settles without a line in the log is told all the same, and so is a program that ends', hang, async (t) => {
	const { picture, asked, daemons } = watched(t, { sinfo: bad.settlesUnsaid });
	assert.equal((await picture())[2], 'node c1|completing|none');
	assert.deepEqual(await picture(), whole);
	assert.deepEqual(asked(), ['sinfo', 'squeue', 'sinfo', 'squeue', 'sinfo', 'squeue']);
	daemons[0]?.kill('SIGKILL');
	assert.deepEqual(await picture(), ['daemon c1|runs', 'controller ended|first|']);
});

test('a program that ends is told without the rest after a picture that took long', hang, async (t) => {
	// By this clock the picture took a quarter of an hour, and the rest after it never ends.
	const { picture, daemons } = watched(t, {}, 'most_rest=999999999; now() { now=${passed:-0} passed=900000; }');
	assert.deepEqual(await picture(), whole);
	daemons[0]?.kill('SIGKILL');
	assert.deepEqual(await picture(), ['daemon c1|runs', 'controller ended|first|']);
});
