/** What a launch says, as LTI 1.3 (1EdTech) names it: the part that we use. What a platform adds is left alone. */
import { z } from 'zod';

const lti = 'https://purl.imsglobal.org/spec/lti/claim';
export const names = {
	type: `${lti}/message_type`,
	version: `${lti}/version`,
	deployment: `${lti}/deployment_id`,
	target: `${lti}/target_link_uri`,
	presentation: `${lti}/launch_presentation`,
	context: `${lti}/context`,
	members: 'https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice',
	grades: 'https://purl.imsglobal.org/spec/lti-ags/claim/endpoint',
	choice: 'https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings',
	items: 'https://purl.imsglobal.org/spec/lti-dl/claim/content_items',
	data: 'https://purl.imsglobal.org/spec/lti-dl/claim/data',
} as const;

export const scoreScope = 'https://purl.imsglobal.org/spec/lti-ags/scope/score';
/** To read who is in a course (Names and Role Provisioning Services 2.0). */
export const membersScope = 'https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly';

export const launchSchema = z.object({
	sub: z.string().min(1).max(255),
	nonce: z.string(),
	azp: z.string().optional(),
	aud: z.union([z.string(), z.array(z.string())]),
	name: z.string().optional().catch(undefined),
	[names.type]: z.enum(['LtiResourceLinkRequest', 'LtiDeepLinkingRequest']),
	[names.version]: z.literal('1.3.0'),
	[names.deployment]: z.string().min(1),
	[names.target]: z.string().optional().catch(undefined),
	[names.presentation]: z.object({ locale: z.string().optional() }).optional().catch(undefined),
	[names.context]: z
		.object({
			id: z.string().min(1).max(255),
			title: z.string().optional().catch(undefined),
			label: z.string().optional().catch(undefined),
		})
		.optional()
		.catch(undefined),
	[names.members]: z.object({ context_memberships_url: z.string() }).optional().catch(undefined),
	[names.grades]: z
		.object({ scope: z.array(z.string()).default([]), lineitem: z.string().optional() })
		.optional()
		.catch(undefined),
	[names.choice]: z
		.object({
			deep_link_return_url: z.url({ protocol: /^https?$/ }),
			accept_types: z.array(z.string()).default([]),
			data: z.string().max(20_000).optional(),
		})
		.optional(),
});
export type Launch = z.output<typeof launchSchema>;
