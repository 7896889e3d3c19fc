/** The node agent's image holds all that its program needs. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { connectEngine } from '../../sandbox-server/runtimes/find-engine.ts';
import { buildImage } from '../../sandbox-server/setup/image-build.ts';
import { ensureNodeAgentImage, filesOf, packagePaths } from '../../sandbox-server/setup/node-agent-image.ts';
import { root } from '../../sandbox-server/setup/paths.ts';
import { Progress } from '../../sandbox-server/setup/progress.ts';

const { ETABLI_TEST_ENGINE: engine, ETABLI_TEST_BASE: base, ETABLI_TEST_GUEST: guest } = process.env;

describe('the image of the node agent', () => {
	it('has the files that its program imports, and packages with what they need', () => {
		const files = [...filesOf(join(root, 'sandbox-server/node-agent/main.ts'))].map((file) => relative(root, file));
		assert.ok(files.includes('sandbox-server/runtimes/seccomp.ts'));
		assert.ok(files.includes('sandbox-server/node-agent/door.ts'));
		assert.ok(
			files.every((file) => /^sandbox-server\/(node-agent|platform|runtimes)\//.test(file)),
			`a program with a node's rights is kept small: ${files.join(', ')}`,
		);
		const packages = packagePaths(['@grpc/grpc-js', '@grpc/proto-loader']);
		for (const name of ['@grpc/grpc-js', '@grpc/proto-loader', 'protobufjs', 'long', 'y18n'])
			assert.ok(packages.includes(`node_modules/${name}`), name);
		assert.ok(packages.length < 60, `${packages.length}`);
	});

	it('runs', { skip: !engine || !base || !guest ? 'no engine: ETABLI_TEST_ENGINE, _BASE and _GUEST are not set' : false }, async (t) => {
		const place = mkdtempSync(join(tmpdir(), 'etabli-node-agent-image-'));
		const { images } = await connectEngine({ url: engine ?? '', stateDir: place });
		const progress = new Progress(process.stdout, { verbose: true });
		t.after(() => {
			progress.close();
			rmSync(place, { recursive: true });
		});
		const image = await ensureNodeAgentImage({ store: images, base: base ?? '', guest: guest ?? '', temporary: place, progress });
		// A command would be arguments of its program.
		const open = `etabli-test-node-agent:${process.pid}`;
		await progress.step('opened', (step) =>
			buildImage({ images, from: { dockerfile: `FROM ${image}\nENTRYPOINT []\n` }, reference: open, args: {}, network: 'engine', step }),
		);
		t.after(() => images.untag(open));
		const program = '/etabli/node --disable-warning=ExperimentalWarning';
		const loads =
			"import('/etabli/sandbox-server/node-agent/grpc.ts').then(({ services }) => console.log(services('csi', 'csi.v1.Node').length))";
		const script = `set -e
			cd /
			${program} /etabli/sandbox-server/node-agent/main.ts 2>/tmp/said || echo "status $?" >>/tmp/said
			${program} -e "${loads}" >>/tmp/said
			/etabli/guest/agent 2>>/tmp/said || echo "status $?" >>/tmp/said`;
		const said = await images.runOnce({ image: open, command: ['sh', '-c', script], files: {}, result: '/tmp/said', log: '/tmp/said' });
		assert.match(
			String(said),
			/^node-agent: --namespace is missing[\s\S]*--kubelet FOLDER[\s\S]*\nstatus 2\n1\nusage: agent --socket PATH[\s\S]*\nstatus 2\n$/,
		);
	});
});
