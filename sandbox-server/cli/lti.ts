/** `etabli lti`: learning platforms whose courses lead here. Works on the store, whether a server runs or not. */
import { visible } from '../../src/shared/visible.ts';
import { isLoopback } from '../auth/loopback.ts';
import { clash, invite } from '../lti/registration.ts';
import { Failure } from '../setup/failure.ts';
import type { PlatformRow } from '../store/lti.ts';
import { type Arguments, usageStatus } from './arguments.ts';
import { addressOf } from './people.ts';
import { configuration } from './settings.ts';
import { withRooms } from './with-rooms.ts';

const say = (text: string) => process.stdout.write(`${visible(text)}\n`);

/** @throws Failure */
export async function lti(args: Arguments): Promise<number> {
	const config = configuration(args);
	const [what = 'list', name] = args.words;
	const asJson = args.values['json'] === true;
	if (what === 'add') {
		const { name: called } = await withRooms(config, (_, { lti: rows }) => {
			const known = rows.platforms().find((one) => one.name === name);
			const platform = platformOf(args, name, known);
			const other = clash(rows, platform);
			if (other?.why === 'keys')
				throw new Failure(
					`${other.with.name} is of the same issuer, ${platform.issuer}, and has its keys at ${other.with.keys}: one issuer has one address of keys.`,
					{ hint: `give --keys-url ${other.with.keys}, or ./etabli lti remove ${other.with.name}` },
				);
			if (other) throw new Failure(`${other.with.name} is that platform already.`, { hint: `./etabli lti remove ${other.with.name}` });
			rows.putPlatform(platform);
			return platform;
		});
		say(`Courses of ${called} can open lessons from now on.`);
		return 0;
	}
	if (what === 'invite') {
		const called = nameOf(name);
		const { secret, expires } = await withRooms(config, (_, { lti: rows }) => {
			if (rows.platforms().some((one) => one.name === called))
				throw new Failure(`${called} is registered already.`, { hint: `another name, or ./etabli lti remove ${called}` });
			return invite(rows, called, Date.now());
		});
		const link = `${new URL(addressOf(config)).origin}/api/lti/register?invitation=${secret}`;
		if (asJson) say(JSON.stringify({ link, name: called, expires }, null, '\t'));
		else
			say(
				`For ${called}, once, until ${new Date(expires).toLocaleString('sv-SE').slice(0, 16)}: copy it to where the platform registers a tool by its address.\n${link}`,
			);
		return 0;
	}
	if (what === 'remove') {
		if (name === undefined || !(await withRooms(config, (_, { lti: rows }) => rows.removePlatform(name))))
			throw new Failure(`There is no platform called ${name ?? '…'}.`, { hint: './etabli lti list' });
		say(`Courses of ${name} open nothing any more, and get no scores. Its people’s work stays theirs.`);
		return 0;
	}
	if (what !== 'list')
		throw new Failure(`"${what}" is nothing that is done with platforms: list, invite, add, remove.`, {
			hint: './etabli lti --help',
			status: usageStatus,
		});
	const [platforms, courses] = await withRooms(config, (_, { lti: rows }) => [rows.platforms(), rows.courses()] as const);
	const origin = new URL(addressOf(config)).origin;
	const ours = {
		'Tool URL': `${origin}/fr/`,
		'Initiate login URL': `${origin}/api/lti/login`,
		'Redirection URI': `${origin}/api/lti/launch`,
		'Public keyset URL': `${origin}/api/lti/keys`,
		'Content selection URL': `${origin}/api/lti/choose`,
	};
	if (asJson) say(JSON.stringify({ register: ours, platforms, courses }, null, '\t'));
	else {
		say('To be registered at a platform (LTI 1.3):');
		for (const [label, address] of Object.entries(ours)) say(`  ${label.padEnd(22)} ${address}`);
		if (!origin.startsWith('https:')) say('Without TLS browsers do not bring people back here: give --public-url https://…');
		for (const one of platforms) say(`${one.name}: ${one.issuer}, client ${one.client}, deployments ${one.deployments.join(', ')}`);
		for (const { platform, context, title, course } of courses)
			say(`  course ${platform}/${context}: ${title}, opens lessons of ${course}`);
		if (platforms.length === 0) say('No platform is registered here yet: ./etabli lti invite NAME, or ./etabli lti add --help');
	}
	return 0;
}

/** @throws Failure that says what is missing, or is no address */
function platformOf({ values }: Arguments, name: string | undefined, known: PlatformRow | undefined): PlatformRow {
	const text = (flag: string): string | undefined => (values[flag] === undefined ? undefined : String(values[flag]).trim());
	const moodle = text('moodle')?.replace(/\/$/, '');
	/** What is not said stays as it was. */
	const before: Record<string, string | undefined> = known
		? {
				issuer: known.issuer,
				'client-id': known.client,
				'auth-url': known.authorization,
				'token-url': known.token,
				'keys-url': known.keys,
				deployment: known.deployments.join(',') || undefined,
			}
		: {};
	const need = (flag: string, otherwise?: string): string => {
		const value = text(flag) || otherwise || before[flag];
		if (value === undefined)
			throw new Failure(`--${flag} is missing: the platform says it where the tool is registered.`, {
				hint: './etabli lti add --help',
				status: usageStatus,
			});
		return value;
	};
	const address = (flag: string, path: string): string => {
		const value = need(flag, moodle === undefined ? undefined : moodle + path);
		const url = URL.canParse(value) ? new URL(value) : undefined;
		if (url?.protocol !== 'https:' && !(url?.protocol === 'http:' && isLoopback(url.hostname)))
			throw new Failure(`--${path === '' ? 'moodle' : flag} is an address with https://, not "${value}".`, { status: usageStatus });
		return value;
	};
	return {
		name: nameOf(name),
		issuer: moodle === undefined ? need('issuer') : need('issuer', moodle),
		client: need('client-id'),
		authorization: address('auth-url', '/mod/lti/auth.php'),
		token: address('token-url', '/mod/lti/token.php'),
		keys: address('keys-url', '/mod/lti/certs.php'),
		deployments: need('deployment').split(','),
	};
}

/** @throws Failure */
function nameOf(name: string | undefined): string {
	if (name === undefined || !/^[\w.-]{1,60}$/.test(name))
		throw new Failure('What is the platform called here? Letters, digits, ".", "-" and "_".', {
			hint: './etabli lti invite moodle, or ./etabli lti add moodle --moodle https://moodle.example.org --client-id … --deployment …',
			status: usageStatus,
		});
	return name;
}
