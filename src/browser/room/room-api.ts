/** Rooms over HTTP, from a trainer's page (docs/protocol.md §3). */
import type { z } from 'zod';
import type { Language } from '../../shared/language.ts';
import { type cardRequestSchema, cardSchema, type FeedCard } from '../../shared/protocol/room-cards.ts';
import { type AnnounceRequest, announcedSchema } from '../../shared/protocol/room-feed.ts';
import { doneSchema, lookedSchema } from '../../shared/protocol/room-member.ts';
import { extendedSchema, type Pace, type PaceRequest, paceSchema, preparedSchema } from '../../shared/protocol/room-pace.ts';
import {
	goneSchema,
	knownSchema,
	linkSchema,
	meSchema,
	type Roster,
	type RosterSource,
	type roomDraftSchema,
	roomsSchema,
	roomViewSchema,
	rosterSchema,
	rosterSourcesSchema,
} from '../../shared/protocol/rooms.ts';
import { ask } from '../ask.ts';

export type RoomView = z.infer<typeof roomViewSchema>;
export type RoomDraft = z.input<typeof roomDraftSchema>;
export type MyRooms = z.infer<typeof roomsSchema>;
export type Link = z.infer<typeof linkSchema>;
export type RosterCourse = z.infer<typeof rosterSourcesSchema>['sources'][number];
export type Me = z.infer<typeof meSchema>;

/** Every method throws Refused, with the server's sentence. */
export class RoomApi {
	readonly #language: Language;
	readonly #failed: string;

	/** @param failed the sentence when there is no answer at all */
	constructor(language: Language, failed: string) {
		this.#language = language;
		this.#failed = failed;
	}

	mine(): Promise<MyRooms> {
		return this.#ask('', roomsSchema);
	}
	enter(secret: string): Promise<{ learner: string }> {
		return this.#ask('/enter', knownSchema, { secret });
	}
	create(draft: RoomDraft): Promise<RoomView> {
		return this.#ask('', roomViewSchema, draft);
	}
	room(id: string): Promise<RoomView> {
		return this.#ask(`/${id}`, roomViewSchema);
	}
	me(id: string): Promise<Me> {
		return this.#ask(`/${id}/me`, meSchema);
	}
	edit(id: string, draft: RoomDraft): Promise<RoomView> {
		return this.#ask(`/${id}`, roomViewSchema, draft);
	}
	open(id: string): Promise<RoomView> {
		return this.#ask(`/${id}/open`, roomViewSchema, null);
	}
	close(id: string): Promise<RoomView> {
		return this.#ask(`/${id}/close`, roomViewSchema, null);
	}
	copy(id: string, times: { starts: number; ends: number }): Promise<RoomView> {
		return this.#ask(`/${id}/copy`, roomViewSchema, times);
	}
	async erase(id: string): Promise<void> {
		await ask(this.#url(`/${id}`), { schema: goneSchema, method: 'DELETE', failed: this.#failed });
	}
	/** Courses of learning platforms whose lists can be had for a room of that course. */
	rosterSources(course: string): Promise<{ sources: RosterCourse[] }> {
		return ask(`/api/rosters/${course}?language=${this.#language}`, { schema: rosterSourcesSchema, failed: this.#failed });
	}
	roster(course: string, body: RosterSource): Promise<Roster> {
		return ask(`/api/rosters/${course}?language=${this.#language}`, { schema: rosterSchema, body, failed: this.#failed });
	}
	link(id: string, who: { role: 'helper' | 'trainer'; name: string }): Promise<Link> {
		return this.#ask(`/${id}/links`, linkSchema, who);
	}
	say(id: string, message: AnnounceRequest): Promise<{ people: number; here: number }> {
		return this.#ask(`/${id}/messages`, announcedSchema, message);
	}

	pace(id: string, request: PaceRequest): Promise<Pace> {
		return this.#ask(`/${id}/pace`, paceSchema, request);
	}
	/** Everybody's workbench lasts longer. */
	extendAll(id: string): Promise<z.infer<typeof extendedSchema>> {
		return this.#ask(`/${id}/labs/extend`, extendedSchema, null);
	}
	/** Starts one for everybody who has none. */
	prepareAll(id: string): Promise<z.infer<typeof preparedSchema>> {
		return this.#ask(`/${id}/labs/start`, preparedSchema, null);
	}

	async askCard(id: string, card: z.input<typeof cardRequestSchema>): Promise<FeedCard> {
		return (await this.#ask(`/${id}/cards`, cardSchema, card)).card;
	}
	async changeCard(id: string, card: string, changes: { open?: boolean; shown?: boolean }): Promise<void> {
		await this.#ask(`/${id}/cards/${card}`, doneSchema, changes);
	}

	/** I am on my way. @param takenBy who is, as the page shows it */
	async takeHand(id: string, hand: string, takenBy: string | undefined): Promise<void> {
		await this.#ask(`/${id}/hands/${hand}/take`, doneSchema, { takenBy: takenBy ?? null });
	}
	/** They have been helped. */
	async closeHand(id: string, hand: string): Promise<void> {
		await ask(this.#url(`/${id}/hands/${hand}`), { schema: goneSchema, method: 'DELETE', failed: this.#failed });
	}

	/** Asks to see a terminal: the ticket is for a WebSocket that is told of the answer. */
	askLook(
		id: string,
		whose: { learner: string; lesson: string; terminal: string; all: boolean },
	): Promise<{ look: string; ticket: string }> {
		return this.#ask(`/${id}/looks`, lookedSchema, whose);
	}
	/** Asks to type there as well. */
	async askTyping(id: string, look: string): Promise<void> {
		await this.#ask(`/${id}/looks/${look}/typing`, doneSchema, null);
	}

	#url(path: string): string {
		return `/api/rooms${path}?language=${this.#language}`;
	}

	/** @param body undefined: GET; null: POST with nothing in it */
	#ask<S extends z.ZodType>(path: string, schema: S, body?: unknown): Promise<z.output<S>> {
		return ask(this.#url(path), { schema, body, failed: this.#failed });
	}
}
