import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { clientOf } from '../../images/docker/client.ts';
import { DockerContainers } from './containers.ts';

test('an engine that missed the end of a process, and says so once, has the container removed by the next attempt', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-containers-'));
	const asked: string[] = [];
	// As Docker Engine 20.10 said it when its containerd had been killed and came back.
	const says = 'Could not kill running container f173a3, cannot remove - read /proc/2095/stat: no such process';
	const forgetful = createServer(({ method, url = '' }, answer) => {
		asked.push(`${method} ${url.split('?')[0]}`);
		if (asked.length > 1) return answer.writeHead(204).end();
		return answer.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify({ message: says }));
	});
	const socket = join(folder, 'engine.sock');
	await new Promise<void>((resolve) => forgetful.listen(socket, resolve));
	t.after(() => {
		forgetful.close();
		rmSync(folder, { recursive: true });
	});
	const traits = { kind: 'docker', cgroup: 'v1', names: undefined } as const;
	await new DockerContainers(clientOf(`unix://${socket}`), traits, { stateDir: folder, buildLabels: {} }).destroy('etabli-1');
	assert.deepEqual(asked, ['DELETE /containers/etabli-1', 'DELETE /containers/etabli-1']);
});
