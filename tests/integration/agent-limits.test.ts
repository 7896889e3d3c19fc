/** Limits that the agent sets for itself, and so for shells and scripts, where the engine cannot. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { agentProgram, Sandbox } from './agent-harness.ts';

/** "Max open files" and so on → soft and hard, out of /proc/<pid>/limits. */
function limitsIn(text: string): Record<string, string> {
	const lines = text.split('\n').map((line) => /^(Max .*?)\s{2,}(\S+)\s+(\S+)/.exec(line));
	return Object.fromEntries(lines.flatMap((line) => (line ? [[line[1], `${line[2]}:${line[3]}`]] : [])));
}

describe('--limit of the agent', { timeout: patience(120_000) }, () => {
	it('holds for the agent and for what it starts', async (t) => {
		const made = new Sandbox();
		t.after(() => made.stop());
		const wanted = ['nofile=900:1000', 'core=0:0', 'msgqueue=0:4096', 'nproc=300:400'];
		const agent = await made.start({ args: wanted.flatMap((limit) => ['--limit', limit]) });
		const { stdout } = await agent.run({
			name: 'limits',
			script: '#!/bin/sh\ncat /proc/self/limits\n',
			cwd: made.folder,
			env: { PATH: '/usr/bin:/bin' },
			timeLimitMs: 60_000,
			outputLimit: 10_000,
		});
		for (const text of [stdout, readFileSync(`/proc/${made.child?.pid}/limits`, 'utf8')]) {
			const limits = limitsIn(text);
			assert.equal(limits['Max open files'], '900:1000');
			assert.equal(limits['Max core file size'], '0:0');
			assert.equal(limits['Max msgqueue size'], '0:4096');
			assert.equal(limits['Max processes'], '300:400');
		}
	});

	it('that is none is answered with a sentence, and nothing is started', async () => {
		const program = await agentProgram();
		const refusals: [string, RegExp][] = [
			['stack=1:1', /there is no such limit; there are nofile, core, msgqueue and nproc/],
			['nofile', /there is no such limit/],
			['nofile=', /it has to be nofile=SOFT:HARD, two numbers/],
			['nofile=10', /two numbers/],
			['nofile=10:', /two numbers/],
			['nofile=:10', /two numbers/],
			['nofile=-1:10', /two numbers/],
			['nofile=10:10 ', /two numbers/],
			['nofile=unlimited:unlimited', /two numbers/],
			['nproc=99999999999999999999999:1', /two numbers/],
			['nproc=18446744073709551615:18446744073709551615', /two numbers/],
			['core=2:1', /the soft limit must not be above the hard one/],
			['nofile=10:999999999999', /the kernel refuses it: Operation not permitted/],
		];
		for (const [limit, sentence] of refusals) {
			const { status, stderr } = spawnSync(program, ['--limit', limit, '--socket', '/nowhere/agent.sock'], { encoding: 'utf8' });
			assert.equal(status, 2, limit);
			assert.match(stderr, sentence);
			assert.ok(stderr.startsWith(`agent: --limit ${limit}: `), stderr);
			assert.equal(stderr.split('\n').length, 2, 'one line');
		}
	});
});
