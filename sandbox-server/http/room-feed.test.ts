/** The room feed over HTTP, as a browser gets it; results, the QR code and the short address. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { renderSVG } from 'uqr';
import { type FeedEvent, feedEventSchema } from '../../src/shared/protocol/room-feed.ts';
import { RoomService } from '../rooms/room-service.ts';
import type { Statement } from '../rooms/xapi.ts';
import { Browser, TestServer } from './stand-ins.ts';

const hour = 3600_000;

async function open(t: TestContext) {
	const server = await TestServer.start({ requestsPerMinute: 10_000 });
	t.after(() => server.stop());
	const rooms = new RoomService({ store: server.store, key: Buffer.alloc(32, 7), now: () => Date.now() });
	const { secret } = rooms.invite({ role: 'trainer', name: 'Grace Hopper' });
	const entered = await new Browser(server.app, '', '').ask('POST', '/api/rooms/enter', { secret });
	const cookie = entered.cookies.map(({ name, value }) => `${name}=${encodeURIComponent(value)}`).join('; ');
	const grace = new Browser(server.app, cookie, '');
	const draft = { title: 'Jour 1', course: 'apptainer', lessons: ['first'], starts: Date.now() - hour, ends: Date.now() + hour };
	const { id } = (await grace.ask('POST', '/api/rooms', draft)).json();
	const { code } = (await grace.ask('POST', `/api/rooms/${id}/open`)).json();
	const join = async (name: string) => {
		const browser = await server.visitor();
		await browser.ask('POST', '/api/rooms/join', { code, name });
		return { browser, learner: server.learner(browser) };
	};
	return { server, rooms, grace, id, code, join, url: `/api/rooms/${id}` };
}

/** Reads a feed of a listening server, event by event. */
async function follow(t: TestContext, address: string, browser: Browser) {
	const ended = new AbortController();
	t.after(() => ended.abort());
	const response = await fetch(address, { headers: { cookie: browser.cookie }, signal: ended.signal });
	assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
	const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
	let text = '';
	const next = async (): Promise<FeedEvent | undefined> => {
		for (;;) {
			const end = text.indexOf('\n\n');
			if (end < 0) {
				const { value, done } = (await reader?.read()) ?? { done: true };
				if (done) return undefined;
				text += value;
				continue;
			}
			const block = text.slice(0, end);
			text = text.slice(end + 2);
			if (block.startsWith('data: ')) return feedEventSchema.parse(JSON.parse(block.slice('data: '.length)));
		}
	};
	return { next };
}

test('a trainer follows the class; whoever is removed as a trainer is told, and sees nothing more', async (t) => {
	const { server, rooms, grace, join, url } = await open(t);
	const port = await server.listen();
	await join('Ada');
	const { next } = await follow(t, `http://127.0.0.1:${port}${url}/feed?language=en`, grace);
	const head = await fetch(`http://127.0.0.1:${port}${url}/feed`, { method: 'HEAD', headers: { cookie: grace.cookie } });
	assert.equal(head.status, 404, 'a feed that nobody reads is not opened');
	const first = await next();
	assert.deepEqual(first?.type === 'snapshot' && first.people?.map(({ name, lab }) => [name, lab]), [['Ada', 'none']]);
	await join('Emmy');
	let told = await next();
	while (told?.type === 'change' && !told.people) told = await next();
	assert.deepEqual(told?.type === 'change' && told.people?.map(({ name }) => name), ['Emmy']);
	assert.equal(rooms.removeTrainer('grace hopper'), true);
	let last = await next();
	while (last?.type === 'change') last = await next();
	assert.deepEqual([last?.type, last?.type === 'over' && last.code], ['over', 'no-identity']);
	assert.equal(await next(), undefined, 'the server has ended it');
});

test('a helper is told who asks for help and no more; somebody who only learns there, nothing', async (t) => {
	const { server, grace, join, url } = await open(t);
	const { secret } = (await grace.ask('POST', `${url}/links`, { role: 'helper', name: 'Alan' })).json();
	const entered = await new Browser(server.app, '', '').ask('POST', '/api/rooms/enter', { secret });
	const alan = new Browser(server.app, entered.cookies.map(({ name, value }) => `${name}=${encodeURIComponent(value)}`).join('; '), '');
	const { browser } = await join('Ada');
	for (const path of ['feed', 'front', 'results', 'results.csv', 'qr'])
		assert.equal((await alan.ask('GET', `${url}/${path}`)).statusCode, 403, path);
	for (const path of ['feed', 'front', 'queue', 'results'])
		assert.equal((await browser.ask('GET', `${url}/${path}`)).statusCode, 403, path);
	const port = await server.listen();
	const { next } = await follow(t, `http://127.0.0.1:${port}${url}/queue`, alan);
	assert.deepEqual(Object.keys((await next()) ?? {}), ['type', 'now', 'room', 'hands']);
});

test('results come as JSON and as a table for spreadsheets, names that look like formulas as text', async (t) => {
	const { server, grace, join, url, id } = await open(t);
	const { learner, browser } = await join('=Ada');
	const at = Date.now();
	const step = { room: id, learner: learner.id, lesson: 'first', step: 'pull' };
	server.store.roomWork.noteVerdict({ ...step, state: 'failed', sentence: { fr: 'Non.', en: 'No.' }, at: at + 30_000 });
	server.store.roomWork.noteVerdict({ ...step, state: 'passed', at: at + 90_000 });
	server.store.putStep({ learner: learner.id, course: 'apptainer' }, { lesson: 'first', step: 'pull', state: 'passed' });
	const opens = (what: object | string) => browser.ask('POST', `${url}/opened`, { lesson: 'first', step: 'pull', what });
	for (const what of [{ hint: 1 }, { hint: 1 }, { hint: 2 }, 'solution']) assert.equal((await opens(what)).statusCode, 200);
	assert.equal((await browser.ask('POST', `${url}/opened`, { lesson: 'second', step: 'pull', what: 'solution' })).json().code, 'not-found');
	const { people } = (await grace.ask('GET', `${url}/results`)).json();
	assert.deepEqual(
		people[0].steps.map((one: { step: string; state: string; tries: number }) => [one.step, one.state, one.tries]),
		[
			['read', 'todo', 0],
			['pull', 'passed', 1],
		],
	);
	assert.ok(people[0].steps[1].ms >= 90_000);
	assert.deepEqual([people[0].steps[1].hints, people[0].steps[1].solution, people[0].steps[0].hints], [2, true, 0]);
	const known = (await browser.ask('GET', `${url}/me`)).json();
	assert.deepEqual([known.steps.length, known.steps[0].tries, known.sentences[0].fr], [1, 1, 'Non.'], 'and the person sees the same');
	assert.deepEqual(
		known.opened.map(({ what }: { what: string }) => what),
		['hint 1', 'hint 2', 'solution'],
	);
	const csv = await grace.ask('GET', `${url}/results.csv?language=fr`);
	assert.match(String(csv.headers['content-disposition']), /^attachment; filename="room-[0-9a-f]{12}\.csv"$/);
	assert.match(csv.body, /^\ufeffNom;Identifiant;/);
	assert.match(
		csv.body,
		/\r\n'=Ada;learner-[0-9a-f]{6};[\d: -]{19};[\d: -]{19};first;pull;réussie;[\d: -]{19};[\d: -]{19};1;1,\d;2;oui\r\n$/,
	);
	const xapi = await grace.ask('GET', `${url}/results.xapi.json`);
	assert.match(String(xapi.headers['content-disposition']), /^attachment; filename="room-[0-9a-f]{12}\.xapi\.json"$/);
	assert.deepEqual(
		xapi.json().map(({ verb, actor }: Statement) => [verb.display.en, actor.account]),
		['registered', 'attempted', 'passed'].map((verb) => [verb, { homePage: 'http://localhost:8080', name: learner.name }]),
	);
	const figures = (await grace.ask('GET', `${url}/steps`)).json();
	assert.deepEqual([figures.people, figures.steps[1].failed, figures.steps[1].sentence.people], [1, 1, 1]);
	assert.match((await grace.ask('GET', `${url}/steps.csv?language=fr`)).body, /\r\nfirst;pull;1;1;1;1;1,\d;1;1;Non\.;1\r\n$/);
});

test('the QR code is of the short address, which leads to where people come in, in their language', async (t) => {
	const { server, grace, url, code } = await open(t);
	const qr = await grace.ask('GET', `${url}/qr`);
	assert.equal(qr.headers['content-type'], 'image/svg+xml; charset=utf-8');
	// Behind "#", where no proxy reads it; the page that /j leads to finds it there.
	assert.equal(qr.body, renderSVG(`http://localhost:8080/j#${code}`, { ecc: 'M', border: 2 }));
	const lead = async (path: string, language: string) =>
		(await server.app.inject({ url: path, headers: { 'accept-language': language } })).headers.location;
	assert.deepEqual(await Promise.all([lead(`/j/${code}`, 'fr'), lead('/j', 'en-GB')]), [`/fr/rejoindre/#${code}`, '/en/join/']);
	assert.equal(await lead('/j/%22%3E%3Cscript%3E', 'fr'), '/fr/rejoindre/#%22%3E%3Cscript%3E');
	await grace.ask('POST', `${url}/close`);
	assert.equal((await grace.ask('GET', `${url}/qr`)).statusCode, 404, 'a closed room has no code');
});
