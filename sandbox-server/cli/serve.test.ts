import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { readConfig } from '../config.ts';
import { testCourse } from '../http/stand-ins.ts';
import { dataPaths, root } from '../setup/paths.ts';
import { Progress } from '../setup/progress.ts';
import { serve } from './serve.ts';
import { serverMark } from './server-mark.ts';

test('who serves other machines with plain HTTP is warned, on the screen and in the log', async (t) => {
	const data = mkdtempSync(join(tmpdir(), 'etabli-serve-'));
	t.after(() => rmSync(data, { recursive: true }));
	const paths = dataPaths(data);
	for (const folder of [paths.logs, paths.run]) mkdirSync(folder, { recursive: true });
	const ended = new AbortController();
	let said = '';
	const screen = new PassThrough().setEncoding('utf8').on('data', (text: string) => {
		said += text;
		if (/is ready/.test(said)) ended.abort(new Error('enough'));
	});
	await serve({
		// Port 0, any that is free, is no setting of operators.
		config: { ...readConfig({ cwd: data, root, flags: { host: '0.0.0.0', engine: 'none', data } }), port: 0 },
		paths,
		prepared: { courses: [testCourse], machinery: undefined, later: undefined, why: undefined, site: undefined },
		progress: new Progress(screen, { verbose: false }),
		signal: ended.signal,
		mark: serverMark(paths.run),
	});
	const warning = /The server listens on 0\.0\.0\.0 with plain HTTP: /;
	assert.match(said, new RegExp(`Warning: ${warning.source}`));
	const lines = readFileSync(join(paths.logs, 'server.log'), 'utf8').trim().split('\n');
	assert.ok(lines.some((line) => warning.test(JSON.parse(line).msg)));
});
