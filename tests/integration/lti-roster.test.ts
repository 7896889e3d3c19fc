/** The list of a course for a trainer's room, from a platform that signs, asks for tokens and pages for real. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { promisify } from 'node:util';
import { type Browser, origin, type TestServer } from '../../sandbox-server/http/stand-ins.ts';
import { membersScope, scoreScope } from '../../sandbox-server/lti/claims.ts';
import { keySet } from '../../sandbox-server/lti/tool-key.ts';
import { readSigningKey } from '../../sandbox-server/platform/signing-key.ts';
import { root } from '../../sandbox-server/setup/paths.ts';
import { openStore } from '../../sandbox-server/store/sqlite-store.ts';
import { LearningPlatform } from '../fixtures/learning-platform.ts';
import { Visitor, withPlatform } from '../fixtures/lti-visitor.ts';

const run = promisify(execFile);
const role = (name: string) => `http://purl.imsglobal.org/vocab/lis/v2/membership#${name}`;
const learner = (id: string, name?: string, more: object = {}) => ({
	user_id: id,
	status: 'Active',
	roles: [role('Learner')],
	...(name !== undefined && { name }),
	...more,
});

let platform: LearningPlatform;
before(async () => {
	platform = await LearningPlatform.start();
});
after(async () => await platform.stop());
beforeEach(() => {
	const fresh = { scopes: [scoreScope, membersScope], members: [], pageSize: 100, membersTrouble: undefined, membersAsked: 0 };
	Object.assign(platform, fresh);
	platform.next = { sub: 'ada', name: 'Ada', target: `${origin}/fr/apptainer/first/`, claims: platform.course };
});

/** With a trainer, and a lesson that has been opened from the course. */
function withTrainer(work: (grace: Browser, server: TestServer) => Promise<void>): Promise<void> {
	return withPlatform(platform, async (server) => {
		const grace = await server.visitor();
		server.store.people.putRole(server.learner(grace).id, 'trainer');
		await new Visitor(server, platform).launch();
		await work(grace, server);
	});
}

const source = { platform: 'moodle', context: '7' };
const read = async (browser: Browser) => {
	const answer = await browser.ask('POST', '/api/rosters/apptainer?language=en', source);
	return { status: answer.statusCode, ...answer.json() };
};

test('a list comes in pages: learners by name, nobody twice, teachers and who has left not among them', () =>
	withTrainer(async (grace) => {
		assert.deepEqual((await grace.ask('GET', '/api/rosters/apptainer')).json(), {
			sources: [{ ...source, title: 'Conteneurs, groupe A' }],
		});
		assert.deepEqual((await grace.ask('GET', '/api/rosters/other')).json(), { sources: [] }, 'no lesson of that one was opened there');
		platform.members = [
			learner('1', 'Marie Martin'),
			learner('2', 'Zoé Ångström'),
			learner('3', 'Émile Zola'),
			{ ...learner('4', 'Grace Hopper'), roles: [role('Instructor')] },
			learner('5', 'marie martin'),
			learner('6', 'Marie Martin 2'),
			learner('7', undefined, { given_name: 'Niels', family_name: 'Bohr' }),
			learner('8'),
			learner('9', 'ada@example.org'),
			learner('10', 'Gone Away', { status: 'Inactive' }),
			{ ...learner('11', 'Alan, Turing; "the"'), roles: ['Learner'] },
			{ ...learner('12', 'Watcher'), roles: [role('Mentor')] },
			// On the next page again: somebody was enrolled in between.
			learner('2', 'Zoé Ångström'),
		];
		platform.pageSize = 4;
		assert.deepEqual(await read(grace), {
			status: 200,
			names: ['Alan Turing the', 'Émile Zola', 'marie martin', 'Marie Martin 3', 'Marie Martin 2', 'Niels Bohr', 'Zoé Ångström'],
			others: 2,
			nameless: 2,
			numbered: 1,
			left: 0,
		});
		assert.equal(platform.membersAsked, 4);
	}));

test('a hall of 500 fits, and more than a room may have is told', () =>
	withTrainer(async (grace) => {
		platform.members = Array.from({ length: 510 }, (_, number) => learner(String(number), `Personne ${number}`));
		const list = await read(grace);
		assert.deepEqual([list.names.length, list.left, platform.membersAsked], [500, 10, 6]);
		const draft = { title: 'Jour 1', course: 'apptainer', starts: 1, ends: 2, roster: list.names.join('\n'), rosterFrom: source };
		const room = (await grace.ask('POST', '/api/rooms', draft)).json();
		assert.deepEqual([room.names, room.problems, room.rosterFrom], [list.names, [], source]);
		const copy = (await grace.ask('POST', `/api/rooms/${room.id}/copy`, { starts: 1, ends: 2 })).json();
		assert.deepEqual([copy.names, copy.rosterFrom], [[], source], 'where it is from is known for the next class');
		const { rosterFrom: _, ...without } = draft;
		assert.equal((await grace.ask('POST', `/api/rooms/${room.id}`, without)).json().rosterFrom, undefined);
	}));

test('a scope that is not given, no names, a platform that is away or answers nonsense: a sentence for each', () =>
	withTrainer(async (grace) => {
		platform.scopes = [scoreScope];
		const refused = await read(grace);
		assert.deepEqual([refused.status, refused.code], [409, 'lti-no-list']);
		assert.match(refused.message, /^moodle does not let this server read who is in the course\./);
		assert.equal(platform.membersAsked, 0);
		platform.scopes = [scoreScope, membersScope];
		platform.members = [learner('1'), learner('2')];
		assert.equal((await read(grace)).code, 'lti-no-names');
		platform.members = [];
		assert.deepEqual((await read(grace)).names, [], 'an empty course');

		const elsewhere = '<http://127.0.0.2:9/members>; rel=next';
		const again = `<${platform.membersAddress}>; title="a, b"; rel="prev next"`;
		const one = JSON.stringify({ members: [learner('1', 'Ada')] });
		for (const [trouble, code] of [
			[{ status: 403 }, 'lti-no-list'],
			[{ status: 503 }, 'lti-list-away'],
			[{ status: 302, headers: { location: 'http://127.0.0.2:9/' } }, 'lti-list-away'],
			[{ body: '<!doctype html>Sign in' }, 'lti-list-nonsense'],
			[{ body: '{"members":7}' }, 'lti-list-nonsense'],
			[{ body: ' '.repeat(3 * 2 ** 20) }, 'lti-list-nonsense'],
			[{ body: one, headers: { link: elsewhere } }, 'lti-list-nonsense'],
			[{ body: one, headers: { link: again } }, 'lti-list-nonsense'],
		] as const) {
			platform.membersTrouble = trouble;
			const said = await read(grace);
			assert.equal(said.code, code, JSON.stringify(trouble).slice(0, 100));
			assert.doesNotMatch(said.message, /[{}]/);
		}
		platform.membersTrouble = undefined;
		platform.pageSize = 1;
		platform.members = Array.from({ length: 200 }, (_, number) => learner(String(number), `Personne ${number}`));
		platform.membersAsked = 0;
		assert.equal((await read(grace)).code, 'lti-list-nonsense');
		assert.equal(platform.membersAsked, 100, 'pages without end are not followed for ever');
	}));

test('who leads no class reads no list, and no course that is not of that platform', () =>
	withTrainer(async (grace, server) => {
		const ada = await server.visitor();
		assert.equal((await read(ada)).code, 'forbidden');
		assert.equal((await ada.ask('GET', '/api/rosters/apptainer')).json().code, 'forbidden');
		const ask = async (body: object) => (await grace.ask('POST', '/api/rosters/apptainer', body)).json().code;
		assert.equal(await ask({ ...source, context: '8' }), 'not-found');
		assert.equal(await ask({ ...source, platform: 'canvas' }), 'not-found');
		server.store.lti.removePlatform('moodle');
		assert.equal(await ask(source), 'not-found');
		assert.deepEqual(server.store.lti.courses(), []);
		assert.equal(platform.membersAsked, 0);
	}));

test('the operator takes a list on the command line: what changes is said first, and nobody is asked in vain', async (t) => {
	const data = mkdtempSync(join(tmpdir(), 'etabli-roster-'));
	t.after(() => rmSync(data, { recursive: true }));
	const store = openStore(join(data, 'store.sqlite'));
	t.after(() => store.close());
	store.lti.putPlatform(platform.row);
	const ours = { course: 'tp-apptainer', title: 'Conteneurs, groupe A', members: platform.membersAddress };
	store.lti.putCourse({ ...source, ...ours });
	platform.tool = async () => keySet(await readSigningKey(join(data, 'lti-key.json'), ''));
	platform.members = [learner('1', 'Ada Lovelace'), learner('2', 'Emmy Noether')];
	const type = (...words: string[]) =>
		run(process.execPath, [join(root, 'sandbox-server/cli/main.ts'), ...words, '--data', data], {
			cwd: root,
			env: { ...process.env, CI: 'true' },
		}).then(
			({ stdout, stderr }) => ({ out: stdout, err: stderr }),
			({ stdout, stderr }: { stdout: string; stderr: string }) => ({ out: stdout, err: stderr }),
		);
	assert.match((await type('lti')).out, /course moodle\/7: Conteneurs, groupe A, opens lessons of tp-apptainer/);
	const create = ['room', 'create', 'tp-apptainer', 'Jour', '1', '--json', '--roster-from-lti'];
	const unasked = await type(...create, 'moodle/7');
	assert.match(unasked.err, /\+ Ada Lovelace\n\+ Emmy Noether\n/);
	assert.match(unasked.err, /Take this list\? Nobody is there to answer\.\n--yes answers it/);
	assert.deepEqual(store.rooms.rooms(), []);
	const [room] = JSON.parse((await type(...create, 'moodle/7', '--yes')).out);
	assert.deepEqual([room.names, room.rosterFrom], [['Ada Lovelace', 'Emmy Noether'], source]);
	platform.members = [learner('2', 'Emmy Noether'), learner('3', 'Niels Bohr')];
	const again = await type('room', 'roster', room.id, '--yes');
	assert.match(again.err, /\+ Niels Bohr\n- Ada Lovelace\n/);
	assert.deepEqual(store.rooms.room(room.id)?.names, ['Emmy Noether', 'Niels Bohr']);
	platform.scopes = [scoreScope];
	assert.match((await type('room', 'roster', room.id, '--yes')).err, /moodle does not let this server read who is in the course/);
	assert.match((await type(...create, 'moodle')).err, /PLATFORM\/ID of a course, not "moodle"/);
	assert.match((await type(...create, 'moodle/8')).err, /No lesson of tp-apptainer was opened from moodle\/8 yet/);
	assert.deepEqual(store.rooms.room(room.id)?.names, ['Emmy Noether', 'Niels Bohr']);
});
