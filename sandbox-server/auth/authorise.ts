/**
 * The one place that says who may do what. Every route names its action (http/routes), every message of the WebSocket has one
 * (live/connection.ts), and nothing is done before this function has been asked.
 */
import type { ClientMessage } from '../../src/shared/protocol/messages.ts';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import type { Role } from '../../src/shared/protocol/roles.ts';
import type { Person, Principal } from './principal.ts';

/**
 * - anybody: the door itself, and what describes it.
 * - admitted: whoever has given the access code, or has signed in, where that is asked for.
 * - owner: the person whose lab, progress or files it is about.
 * - trainer: whoever may lead rooms on this server. leader: a trainer of this very room. staff: its
 *   helpers too. member: whoever is in it, in whatever role.
 * An operator may do what trainers and leaders may.
 */
const rules = {
	'interface.read': 'anybody',
	'access.enter': 'anybody',
	'session.open': 'admitted',
	'session.end': 'owner',
	'self.erase': 'owner',
	'sign-in.read': 'anybody',
	'sign-in.begin': 'anybody',
	'lti.launch': 'anybody',
	'connection.open': 'owner',
	'progress.read': 'owner',
	'certificate.own': 'owner',
	'certificate.verify': 'anybody',
	'images.read': 'owner',
	'values.read': 'owner',
	'step.judge': 'owner',
	'step.reset': 'owner',
	'lesson.reset': 'owner',
	'file.read': 'owner',
	'file.write': 'owner',
	'lab.read': 'owner',
	'lab.start': 'owner',
	'lab.end': 'owner',
	'lab.extend': 'owner',
	'lab.take-home': 'owner',
	'preview.open': 'owner',
	'terminal.watch': 'owner',
	'terminal.drive': 'owner',
	'room.enter': 'anybody',
	'rooms.mine': 'owner',
	'room.member': 'member',
	'room.create': 'trainer',
	'room.lead': 'leader',
	'room.help': 'staff',
} as const satisfies Record<string, 'anybody' | 'admitted' | Personal>;

/** What needs to be somebody. */
type Personal = 'owner' | 'trainer' | 'leader' | 'staff' | 'member';

export type Action = keyof typeof rules;
export const actions = Object.keys(rules) as Action[];

/** What an action is about: the server itself, or what belongs to one person (their labs, progress, files, terminals). */
export type Resource =
	| { kind: 'server' }
	| { kind: 'own'; owner: string }
	/** `role`: that of whoever asks, in this room; undefined when they are not in it, or there is no such room. */
	| { kind: 'room'; role: Role | undefined };

export const theServer: Resource = { kind: 'server' };

/** What belongs to whoever asks: no route and no message of today names anybody else. */
export function ownOf(principal: Principal): Resource {
	return principal.kind === 'nobody' ? theServer : { kind: 'own', owner: principal.id };
}

/** @throws Refusal access-code, sign-in, no-identity, forbidden */
export function authorise(principal: Principal, action: Action, resource: Resource): void {
	const rule = rules[action];
	if (rule === 'anybody') return;
	if (principal.missing) throw new Refusal(principal.missing, action);
	if (rule === 'admitted') return;
	if (principal.kind === 'nobody') throw new Refusal('no-identity', action);
	if (!may(principal, rule, resource)) throw new Refusal('forbidden', `${action} by ${principal.name}`);
}

function may({ id, roles }: Person, rule: Personal, resource: Resource): boolean {
	if (rule === 'owner') return resource.kind === 'own' && resource.owner === id;
	if (rule === 'trainer') return roles.has('trainer') || roles.has('operator');
	if (resource.kind !== 'room') return false;
	if (rule === 'member') return resource.role !== undefined;
	return roles.has('operator') || resource.role === 'trainer' || (rule === 'staff' && resource.role === 'helper');
}

/** After `authorise` has let an action pass that needs a person. @throws Refusal no-identity */
export function person(principal: Principal): Person {
	if (principal.kind === 'nobody') throw new Refusal('no-identity');
	return principal;
}

/** What each message of a page does. */
export const actionOf: Record<ClientMessage['type'], Action> = {
	start: 'lab.start',
	active: 'lab.start',
	focus: 'step.judge',
	open: 'terminal.drive',
	watch: 'terminal.watch',
	follow: 'terminal.watch',
	close: 'terminal.watch',
	end: 'terminal.drive',
	resize: 'terminal.drive',
	ack: 'terminal.watch',
};
