/** A lesson opened from a course of a learning platform, in a browser; its score arrives there, over a killed server; a frame has a way out. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TestServer } from '../../sandbox-server/http/stand-ins.ts';
import { names, scoreScope } from '../../sandbox-server/lti/claims.ts';
import { root } from '../../sandbox-server/setup/paths.ts';
import { roomStrings } from '../../src/i18n/room.ts';
import { fill } from '../../src/shared/fill.ts';
import { LearningPlatform } from '../fixtures/learning-platform.ts';
import { accessible } from './support/axe.ts';
import { course } from './support/lesson-page.ts';
import { expect, test } from './support/own-server.ts';

const run = promisify(execFile);

test('from a course into a lesson, and the score back, though the platform was away and the server was killed', async ({
	page,
	startServer,
	complaints,
}) => {
	complaints.expect(/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE|WebSocket|status of 40[013]/);
	const platform = await LearningPlatform.start();
	const server = await startServer();
	const { issuer } = platform.row;
	const here = ['--data', server.data, '--public-url', server.address];
	const { stdout: invited } = await run('./etabli', ['lti', 'invite', 'moodle', '--json', ...here], { cwd: root });
	// The platform opens the link in a frame of its page, which goes away once it is registered.
	await page.goto(`${issuer}/tools?tool=${encodeURIComponent(JSON.parse(invited).link)}`);
	await expect(page.getByText('Closed')).toBeVisible();
	const { stdout } = await run('./etabli', ['lti', ...here], { cwd: root });
	expect(stdout).toContain(`${server.address}/api/lti/login`);
	expect(stdout).toContain(`moodle: ${issuer}`);
	platform.tool = async () => (await fetch(`${server.address}/api/lti/keys`)).json();
	platform.next = {
		sub: 'ada',
		name: 'Ada Lovelace',
		target: `${server.address}/fr/${course}/first-container/`,
		claims: { ...platform.course, [names.grades]: { scope: [scoreScope], lineitem: platform.column('first') } },
	};
	const tool = encodeURIComponent(`${server.address}/api/lti/login`);

	await page.goto(`${issuer}/course?tool=${tool}`);
	await page.getByRole('link', { name: 'Lesson' }).click();
	await expect(page).toHaveURL(platform.next.target);
	await page.goto(`${server.address}/fr/connexion/`);
	await expect(page.getByText('Ada Lovelace')).toBeVisible();

	// They pass a step in their sandbox, while the platform is away; the server is killed before it is back.
	const cookie = (await page.context().cookies(server.address)).map(({ name, value }) => `${name}=${value}`).join('; ');
	const ada = server.learner({ course, lesson: 'first-container', language: 'fr', cookie });
	await ada.connect();
	await ada.start();
	platform.troubles.push(...Array(200).fill(503));
	await (await ada.terminal()).run('apptainer pull lolcow.sif docker://localhost:5000/lolcow:1.0');
	expect((await ada.check('pull')).state).toBe('passed');
	await expect.poll(() => platform.troubles.length).toBeLessThan(200);
	await server.kill('SIGKILL');
	platform.troubles.length = 0;
	await server.serve();
	await expect
		.poll(() => platform.scores.map(({ column, userId, scoreGiven }) => [column, userId, scoreGiven]))
		.toEqual([['first', 'ada', 1]]);

	// In a frame.
	await page.goto(`${issuer}/course?frame=1&tool=${tool}`);
	const frame = page.frameLocator('iframe');
	const tab = page.context().waitForEvent('page');
	await frame.getByRole('link', { name: 'Ouvrir la leçon' }).click();
	await expect(await tab).toHaveURL(platform.next.target);
	await (await tab).close();

	// A teacher chooses a lesson.
	platform.next.claims = {
		[names.type]: 'LtiDeepLinkingRequest',
		[names.choice]: { deep_link_return_url: `${issuer}/chosen`, accept_types: ['ltiResourceLink'] },
	};
	await page.goto(`${issuer}/course?tool=${tool}`);
	await page.getByRole('link', { name: 'Lesson' }).click();
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Quelle leçon ?');
	await accessible(page, 'choosing a lesson');
	await page.screenshot({ path: `${root}/test-results/screens/lti-choose.png` });
	await page.getByRole('button').first().click();
	await expect(page.getByText('Thank you')).toBeVisible();
	expect(platform.chosen).toBeDefined();

	// A trainer takes the course's list: what it changes is shown, and nothing is taken before it is said to be.
	const t = roomStrings.fr;
	const { stdout: trainer } = await run('./etabli', ['trainer', 'add', 'Grace', '--json', '--data', server.data], { cwd: root });
	await page.goto(`${server.address}/fr/salles/#enter=${JSON.parse(trainer).secret}`);
	await page.getByLabel(t.fieldTitle).fill('Groupe A');
	await page.getByLabel(t.fieldNames).fill('Ada Lovelace\nHélène Curie');
	const take = page.getByRole('button', { name: fill(t.rosterTake, { platform: 'moodle' }) });
	await expect(page.getByLabel(t.rosterCourse)).toHaveText('Conteneurs, groupe A (moodle)');
	platform.membersTrouble = { status: 403 };
	complaints.expect(/status of 409/);
	await take.click();
	await expect(page.getByRole('alert').filter({ hasText: 'ne laisse pas ce serveur lire' })).toBeVisible();
	platform.membersTrouble = undefined;
	platform.members = ['Ada Lovelace', 'Emmy Noether', 'Emmy Noether'].map((name, number) => ({
		user_id: `${number}`,
		name,
		roles: ['Learner'],
	}));
	await take.click();
	const change = page.getByRole('status').filter({ hasText: fill(t.rosterFound, { n: 3 }) });
	await expect(change).toContainText(fill(t.rosterAdded, { n: 2, names: 'Emmy Noether, Emmy Noether 2' }));
	await expect(change).toContainText(fill(t.rosterGone, { n: 1, names: 'Hélène Curie' }));
	await expect(page.getByLabel(t.fieldNames)).toHaveValue('Ada Lovelace\nHélène Curie');
	await accessible(page, 'the list of a course');
	await page.screenshot({ path: `${root}/test-results/screens/room-roster.png`, fullPage: true });
	await page.getByRole('button', { name: t.rosterYes }).click();
	await expect(page.getByLabel(t.fieldNames)).toHaveValue('Ada Lovelace\nEmmy Noether\nEmmy Noether 2');
	await page.getByRole('button', { name: t.create }).click();
	await page.getByRole('button', { name: t.editRoom }).click();
	await expect(page.getByRole('dialog').getByLabel(t.fieldNames)).toHaveValue('Ada Lovelace\nEmmy Noether\nEmmy Noether 2');
	await take.click();
	await expect(page.getByRole('dialog').getByText(t.rosterSame)).toBeVisible();

	// Ada is erased by the operator, while her workbench runs: it has to be said that it ends.
	const erase = ['people', 'erase', 'Ada Lovelace', '--yes', '--data', server.data];
	await expect(run('./etabli', erase, { cwd: root })).rejects.toThrow(/has a sandbox.*nothing was erased/s);
	const { stdout: erased } = await run('./etabli', [...erase, '--end'], { cwd: root });
	expect(erased).toMatch(/accounts elsewhere[\s\S]*\nErased\./);
	await expect(run('./etabli', ['people', 'show', 'Ada Lovelace', '--data', server.data], { cwd: root })).rejects.toThrow(
		/Nobody is called/,
	);
	await platform.stop();
});

test('over TLS, from another site: work without an account goes on under the one of the platform', async ({ browser }) => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-tls-'));
	const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
	const subject = ['-subj', '/CN=localhost', '-days', '2', '-keyout', key, '-out', cert];
	await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject]);
	let port = 0;
	const front = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (asked, answer) => {
		const onward = request({ port, method: asked.method, path: asked.url, headers: asked.headers }, (got) => {
			answer.writeHead(got.statusCode ?? 502, got.headers);
			got.pipe(answer);
		});
		asked.pipe(onward);
	});
	await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
	// Another site than the platform's 127.0.0.1, to a browser.
	const address = `https://localhost:${(front.address() as AddressInfo).port}`;
	const server = await TestServer.start({ addresses: { publicOrigin: address, host: '127.0.0.1' } });
	const platform = await LearningPlatform.start();
	const context = await browser.newContext({ ignoreHTTPSErrors: true });
	try {
		port = await server.listen();
		server.store.lti.putPlatform(platform.row);
		platform.next = { sub: 'ada', name: 'Ada Lovelace', target: `${address}/fr/apptainer/first/` };
		const page = await context.newPage();
		await page.goto(`${address}/api/session`);
		const learner = async () => (await (await page.request.get(`${address}/api/session`)).json()).learner;
		const before = await learner();
		const seen: string[] = [];
		page.on('request', async (one) => {
			const { cookie = '' } = await one.allHeaders();
			if (one.isNavigationRequest() && /\/api\/lti\/(launch|arrive)/.test(one.url()))
				seen.push(`${new URL(one.url()).pathname} ${/__Host-etabli=/.test(cookie) ? 'with' : 'without'} the session`);
		});
		await page.goto(`${platform.row.issuer}/course?tool=${encodeURIComponent(`${address}/api/lti/login`)}`);
		await page.getByRole('link', { name: 'Lesson' }).click();
		await page.waitForURL(platform.next.target);
		await expect.poll(() => seen).toEqual(['/api/lti/launch without the session', '/api/lti/arrive with the session']);
		expect(await learner()).toBe(before);
		const { account } = await (await page.request.get(`${address}/api/sign-in`)).json();
		expect(account.name).toBe('Ada Lovelace');
	} finally {
		await context.close();
		await platform.stop();
		await server.stop();
		front.closeAllConnections();
		front.close();
		rmSync(folder, { recursive: true });
	}
});
