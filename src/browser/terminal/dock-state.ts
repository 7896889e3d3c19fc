/** What the dock says, in words, for each state of the connection and of the sandbox. No page, no timers: data in, data out. */

import type { Strings } from '../../i18n/fr.ts';
import { fill } from '../../shared/fill.ts';
import type { SandboxReport } from '../../shared/protocol/api.ts';

/**
 * What keeps a connection from being made, although the server answers: proxies that let no WebSocket through, browsers without cookies,
 * a server that is not set up for the address of the page.
 */
export type Hurdle = 'sockets' | 'cookies' | 'address';

export type LinkState =
	| { kind: 'closed' }
	| { kind: 'connecting' }
	| { kind: 'open' }
	/** `never`: there has not been a connection yet. */
	| { kind: 'waiting'; seconds: number; never?: boolean; hurdle?: Hurdle }
	| { kind: 'outdated' };

export interface DockView {
	/** For tests and styles. */
	state: string;
	/** The sentence that a person reads first. */
	sentence: string;
	text?: string;
	/** Label of the one button. */
	action?: { label: string; does: 'start' | 'retry' | 'reload' };
	/** Something goes on: a moving line beside the words. */
	moving?: boolean;
	/** The terminals can be used; without it they stay visible only if they have been. */
	ready?: boolean;
}

/** @param sandbox undefined before the server has said anything of it */
export function dockView(link: LinkState, sandbox: SandboxReport | undefined, t: Strings): DockView {
	if (link.kind === 'waiting') return waitingView(link, t);
	if (link.kind === 'outdated') return { state: 'outdated', sentence: t.newVersion, action: { label: t.reload, does: 'reload' } };
	if (link.kind === 'connecting' || (link.kind === 'open' && !sandbox))
		return { state: 'connecting', sentence: t.connecting, moving: true };
	// The dock has not been opened: nobody has asked yet, and a lab may well be running.
	if (link.kind !== 'open') return { state: 'none', sentence: t.stateNoneText, action: { label: t.startLab, does: 'start' } };
	switch (sandbox?.state) {
		case 'ready':
			return { state: 'ready', sentence: t.stateReady, ready: true };
		case 'queued': {
			const wait = sandbox?.wait === undefined ? '' : waitText(sandbox.wait, t);
			return {
				state: 'queued',
				sentence: fill(t.stateQueued, { place: sandbox?.place ?? '?' }),
				text: fill(t.stateQueuedText, { wait }),
				moving: true,
			};
		}
		case 'starting':
			return { state: 'starting', sentence: t.stateStarting, text: t.stateStartingText, moving: true };
		case 'stopping':
			return { state: 'stopping', sentence: t.stateStopping, moving: true };
		case 'lost':
			return {
				state: 'lost',
				sentence: t.stateLost,
				text: together(sandbox?.reason ?? t.stateLostText, keptText(sandbox, t)),
				action: { label: t.startAgain, does: 'start' },
			};
		case 'unavailable':
			return { state: 'unavailable', sentence: t.stateUnavailable, text: sandbox?.reason ?? t.stateUnavailableText, moving: true };
		default:
			return {
				state: 'none',
				sentence: t.stateNone,
				text: together(sandbox?.reason, keptText(sandbox, t)) || t.stateNoneText,
				action: { label: t.startLab, does: 'start' },
			};
	}
}

function waitingView({ seconds, never, hurdle }: Extract<LinkState, { kind: 'waiting' }>, t: Strings): DockView {
	const action = { label: t.retryNow, does: 'retry' } as const;
	if (hurdle) return { state: 'blocked', sentence: t[`${hurdle}Blocked`], text: t[`${hurdle}BlockedText`], action };
	return { state: 'lost-connection', sentence: fill(never ? t.neverRetry : t.lostRetry, { n: seconds }), action };
}

/** That files come back, and how old they are. */
function keptText(sandbox: SandboxReport | undefined, t: Strings): string | undefined {
	if (sandbox?.kept === undefined) return undefined;
	return fill(t.keptText, { when: new Date(sandbox.kept).toLocaleString(t.locale, { dateStyle: 'long', timeStyle: 'short' }) });
}

const together = (...texts: (string | undefined)[]): string => texts.filter(Boolean).join(' ');

/** "This lab will be put away in 9 min.", from 15 min before the end; undefined before. @param now ms since 1970 */
export function endWarning(sandbox: SandboxReport | undefined, now: number, t: Strings): string | undefined {
	if (sandbox?.state !== 'ready' || sandbox.ends === undefined) return undefined;
	const minutes = Math.ceil((sandbox.ends - now) / 60_000);
	return minutes > 15 ? undefined : fill(t.endsIn, { n: Math.max(0, minutes) });
}

/** From two hours on, minutes would say more than anybody knows. */
function waitText(seconds: number, t: Strings): string {
	const minutes = Math.max(1, Math.ceil(seconds / 60));
	return minutes < 120 ? fill(t.queuedWait, { n: minutes }) : fill(t.queuedWaitHours, { n: Math.round(minutes / 60) });
}
