/** Words of the rooms' pages, for trainers; apart from the lesson pages', which do not load them. */
import type { Language } from '../shared/language.ts';
import { roomEn } from './room-en.ts';
import { type RoomStrings, roomFr } from './room-fr.ts';

export const roomStrings: Record<Language, RoomStrings> = { fr: roomFr, en: roomEn };
