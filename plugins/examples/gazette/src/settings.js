// The settings as a person meets them: a JSON Schema.

export default {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  additionalProperties: false,
  properties: {
    tags: {
      description: "Tags to search for, one of which a job has to have: 'rust'. None: all jobs.",
      'x-filter': true,
      type: 'array',
      items: { type: 'string', minLength: 1, maxLength: 64 },
      maxItems: 20,
      uniqueItems: true,
      default: [],
    },
    remote_only: {
      description: 'Drop jobs that are tied to a place.',
      'x-filter': true,
      type: 'boolean',
      default: true,
    },
    min_hourly_usd: {
      description: 'Drop jobs that pay less than this per hour, in USD, even at best. What does not say stays. 0: no limit.',
      'x-filter': true,
      type: 'number',
      minimum: 0,
      default: 0,
    },
  },
};
