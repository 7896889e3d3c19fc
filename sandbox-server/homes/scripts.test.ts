/** The scripts by a real shell and the real tar, without a sandbox: what becomes of ~/.cluster. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { endScript, packScript, pieceScript, unpackScript } from './scripts.ts';

/** As a learner, whom modes hinder: for root, as nobody. */
const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

class Homes {
	readonly folder = mkdtempSync(join(tmpdir(), 'etabli-'));
	home = '';

	/** A home as it is before anybody has it. @param furnish a script, run in it */
	fresh(furnish = ''): void {
		this.home = mkdtempSync(join(this.folder, 'home-'));
		for (const path of [this.folder, this.home]) chownSync(path, user.uid ?? -1, user.gid ?? -1);
		this.work(furnish);
	}

	#env(cluster: boolean) {
		return {
			PATH: process.env['PATH'] ?? '',
			HOME: this.home,
			TOP: 'a',
			LARGEST: '1000000',
			BYTES: '1000000',
			FILES: '1000',
			PIPE: join(this.folder, 'pipe'),
			CLUSTER: cluster ? 'yes' : '',
		};
	}

	#run(script: string, input?: Buffer): Buffer {
		const { status, stdout, stderr } = spawnSync('sh', ['-ec', script], { ...user, cwd: this.home, env: this.#env(false), input });
		assert.deepEqual({ status, stderr: `${stderr}` }, { status: 0, stderr: '' }, script);
		return stdout;
	}

	work(script: string): string {
		return `${this.#run(script)}`;
	}

	/** From this home to a fresh one. @returns what is said */
	async on({ cluster, furnish }: { cluster: boolean; furnish?: string }): Promise<string> {
		const archive = this.#run(packScript);
		this.fresh(furnish);
		const unpacking = spawn('sh', ['-c', unpackScript], { ...user, env: this.#env(cluster), stdio: ['ignore', 'inherit', 'pipe'] });
		const said = text(unpacking.stderr);
		const closed = once(unpacking, 'close');
		const feeding = spawn('sh', ['-c', `${pieceScript}\n${endScript}`], {
			...user,
			env: this.#env(cluster),
			stdio: ['pipe', 'inherit', 'inherit'],
		});
		feeding.stdin.end(archive);
		const end = await closed;
		// As the server does: whoever has seen that no piece follows has gone without waiting to be told.
		feeding.kill();
		assert.deepEqual(end, [0, null], await said);
		return await said;
	}
}

function homes(t: TestContext): Homes {
	const made = new Homes();
	t.after(() => {
		spawnSync('chmod', ['-R', 'u+rwX', made.folder]);
		rmSync(made.folder, { recursive: true, force: true });
	});
	made.fresh();
	return made;
}

test('in a course without a cluster ~/.cluster is the learner’s own, whatever it is', async (t) => {
	const one = homes(t);
	one.work('mkdir -p .cluster/ssh; echo key > .cluster/ssh/key; echo mine > .cluster/shape');
	assert.equal(await one.on({ cluster: false }), '');
	assert.equal(one.work('cat .cluster/ssh/key .cluster/shape; rm -r .cluster; echo file > .cluster'), 'key\nmine\n');
	assert.equal(await one.on({ cluster: false }), '');
	assert.equal(one.work('cat .cluster; rm .cluster; ln -s nowhere .cluster'), 'file\n');
	assert.equal(await one.on({ cluster: false }), '');
	assert.equal(one.work('readlink .cluster'), 'nowhere\n');
});

test('a ~/.cluster that may not be written to is put back beside the one that runs', async (t) => {
	const one = homes(t);
	one.work('mkdir .cluster; echo first > .cluster/shape; echo mine > .cluster/slurm.conf.yours; chmod 500 .cluster');
	assert.equal(await one.on({ cluster: true, furnish: 'mkdir -m 700 .cluster; echo second > .cluster/shape' }), '');
	assert.equal(one.work('cat .cluster/shape .cluster/slurm.conf.yours; stat -c %a .cluster; ls -A'), 'second\nmine\n700\n.cluster\n');
});

test('what cannot be put back there is said, and is lost neither now nor later', async (t) => {
	const one = homes(t);
	one.work('mkdir -p .cluster/mine; echo note > .cluster/mine/note; echo mine > .cluster/slurm.conf.yours');
	const inTheWay = 'mkdir -p .cluster/mine; echo other > .cluster/mine/other';
	assert.match(await one.on({ cluster: true, furnish: inTheWay }), /stays in ~\/\.cluster\.kept\n$/);
	assert.equal(one.work('cat .cluster/slurm.conf.yours .cluster/mine/other .cluster.kept/mine/note'), 'mine\nother\nnote\n');
	assert.equal(await one.on({ cluster: true }), '');
	assert.equal(one.work('cat .cluster/slurm.conf.yours .cluster/mine/other .cluster/mine/note; ls -A'), 'mine\nother\nnote\n.cluster\n');
});
