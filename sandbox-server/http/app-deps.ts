/** What the HTTP app needs: tests drive it with stand-ins, app.ts puts the real parts in. Each port stands with its domain. */
import type { FastifyBaseLogger } from 'fastify';
import type { WebSocket } from 'ws';
import type { Course } from '../../src/shared/course/course.ts';
import type { Addresses } from '../auth/origin.ts';
import type { SsoSettings } from '../auth/sso/settings.ts';
import type { Files } from '../files/ports.ts';
import type { Steps } from '../grading/ports.ts';
import type { Labs, Visitor } from '../labs/ports.ts';
import type { Scores } from '../lti/scores.ts';
import type { PlatformServices } from '../lti/services.ts';
import type { SigningKey } from '../platform/signing-key.ts';
import type { PreviewDoor } from '../previews/door.ts';
import type { Previews } from '../previews/previews.ts';
import type { BadgeKey } from '../progress/badge-key.ts';
import type { Drawer } from '../progress/draw.ts';
import type { Erasing } from '../progress/erasing.ts';
import type { CourseImageReader } from '../registry/course-images.ts';
import type { Announcements } from '../rooms/announcements.ts';
import type { Attendance } from '../rooms/attendance.ts';
import type { Cards } from '../rooms/cards.ts';
import type { Hands } from '../rooms/hands.ts';
import type { Looker, Looks } from '../rooms/looks.ts';
import type { Paces } from '../rooms/paces.ts';
import type { RoomFeeds } from '../rooms/room-feeds.ts';
import type { RoomService } from '../rooms/room-service.ts';
import type { Shows } from '../rooms/shows.ts';
import type { LearnerValues } from '../sandboxes/learner-values.ts';
import type { Store } from '../store/store.ts';
import type { ConnectionLimits } from './connections.ts';
import type { Group } from './groups.ts';

export interface LiveConnections {
	/** Takes over an upgraded, authorised socket. The caller has put maxPayload on it and counts connections per learner. */
	accept(socket: WebSocket, visitor: Visitor | Looker): void;
	/** Ends every connection with 1001 (the server goes away). Idempotent. */
	close(): Promise<void>;
}

export interface AppDeps {
	addresses: Addresses;
	/** Key of the cookies' signature, at least 32 bytes. */
	secret: Buffer;
	/** Folder of the built site; undefined: only the interfaces are served. */
	site: string | undefined;
	version: string;
	/** An engine is configured: `GET /api/session` says so. */
	live: boolean;
	courses: readonly Course[];
	store: Store;
	rooms: RoomService;
	/** The key that signs badges of finished courses. */
	badgeKey: () => Promise<BadgeKey>;
	/** By which learning platforms know this server. */
	ltiKey: () => Promise<SigningKey>;
	scores: Pick<Scores, 'touch'>;
	services: Pick<PlatformServices, 'ask'>;
	erasing: Pick<Erasing, 'erase'>;
	values: Pick<LearnerValues, 'of'>;
	labs: Labs;
	steps: Steps;
	files: Files;
	/** Reads the images of courses; undefined: there is no registry (yet). */
	images: () => Pick<CourseImageReader, 'of' | 'archive'> | undefined;
	connections: LiveConnections;
	/** Web pages of programs in the sandboxes, and where they are asked for. */
	previews: Previews;
	previewDoor: PreviewDoor;
	hands: Hands;
	looks: Looks;
	paces: Paces;
	cards: Cards;
	shows: Shows;
	attendance: Attendance;
	feeds: RoomFeeds;
	announcements: Announcements;
	/** undefined: no log at all (tests). */
	logger: FastifyBaseLogger | undefined;
	/** Told of the code of every refusal. */
	onRefusal?: ((code: string) => void) | undefined;
	/** ms since 1970; tests move it. */
	now: () => number;
	/** What learners are asked for before they get anything but the lessons to read; undefined: nothing. */
	accessCode?: string | undefined;
	/** Single sign-on; undefined: there is none. Learners who must sign in are asked for no code. */
	sso?: SsoSettings | undefined;
	/** Requests a minute and person (or address); 600 by default. */
	requestsPerMinute?: number;
	/** Bounds on connections; by how many files this process may have open when left out. */
	connectionLimits?: ConnectionLimits;
	/** Draws certificates; one of its own when left out. */
	drawer?: Drawer;
	/** Routes under policies of their own. */
	groups?: readonly Group[] | undefined;
}
