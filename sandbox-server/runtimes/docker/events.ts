/** The engine's stream of events, read for sandboxes that end. */
import type Docker from 'dockerode';
import { within } from '../../images/docker/client.ts';
import { roleLabel, sandboxRole } from '../containers.ts';
import { RuntimeAway } from '../runtime.ts';
import { translated } from './describe.ts';

/** An event's line is some hundred bytes; a stream with a longer line is not one of events. */
const maxLine = 1024 * 1024;

/**
 * Calls `onEnd` with the name of each sandbox whose main process ends, `onBreak` once when the stream is lost.
 * @returns a function that stops it; @throws RuntimeAway
 */
export async function watchEnds(
	docker: Docker,
	onEnd: (name: string) => void,
	onBreak: (error: Error) => void,
	signal: AbortSignal,
): Promise<() => void> {
	// Not filtered by event: Docker says "die" where Podman says "died".
	const filters = { type: ['container'], label: [`${roleLabel}=${sandboxRole}`] };
	const opening = docker.getEvents({ filters: JSON.stringify(filters) });
	let stream: NodeJS.ReadableStream & { destroy?: () => void };
	try {
		stream = await within(opening, signal);
	} catch (error) {
		// It may yet open after the deadline: then nobody would close it.
		opening.then(
			(late: NodeJS.ReadableStream & { destroy?: () => void }) => late.destroy?.(),
			() => undefined,
		);
		throw translated(error);
	}
	let over = false;
	let rest = '';
	const lost = (why: string, cause?: unknown): void => {
		if (over) return;
		over = true;
		stream.destroy?.();
		onBreak(new RuntimeAway(`the engine's events ended: ${why}`, { cause }));
	};
	stream.setEncoding('utf8');
	stream.on('data', (text: string) => {
		if (over) return;
		const lines = (rest + text).split('\n');
		rest = lines.pop() ?? '';
		if (rest.length > maxLine) return lost('not a stream of events');
		for (const line of lines) {
			const name = endedName(line);
			if (name !== undefined) onEnd(name);
		}
	});
	stream.on('error', (error) => lost('broken', error));
	stream.on('end', () => lost('closed'));
	stream.on('close', () => lost('closed'));
	return () => {
		over = true;
		stream.destroy?.();
	};
}

/** Name of the sandbox that the event says has ended; undefined for anything else. */
export function endedName(line: string): string | undefined {
	if (!line.trim()) return undefined;
	let event: unknown;
	try {
		event = JSON.parse(line);
	} catch {
		// Half a line after a broken connection: the break itself is reported when the stream ends.
		return undefined;
	}
	const { Action, Actor } = event as { Action?: unknown; Actor?: { Attributes?: { name?: unknown } } };
	const name = Actor?.Attributes?.name;
	return (Action === 'die' || Action === 'died') && typeof name === 'string' ? name : undefined;
}
