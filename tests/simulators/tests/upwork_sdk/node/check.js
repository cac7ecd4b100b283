// Drives the official Upwork client for Node against a simulator.
//
// Arguments: the accounts' origin, the API's origin. Ends with "all checks passed", or with an error.
// NODE_PATH names the folder with the client in it.
'use strict';

const assert = require('node:assert');
// First: it defines a global that the others use.
const UpworkApi = require('@upwork/node-upwork-oauth2');
const Config = require('@upwork/node-upwork-oauth2/lib/config');
const Client = require('@upwork/node-upwork-oauth2/lib/client');
const {Graphql} = require('@upwork/node-upwork-oauth2/lib/routers/graphql');

const [accounts, origin] = process.argv.slice(2);
const KEY = {clientId: 'sim-client', clientSecret: 'sim-secret', redirectUri: 'http://127.0.0.1:9/cb', state: 'STATE1'};
const SEARCH = `query Q($f: MarketplaceJobPostingsSearchFilter) {
  marketplaceJobPostingsSearch(marketPlaceJobFilter: $f) { totalCount edges { node { id title } } } }`;

function connect(more) {
  const config = new Config({...KEY, ...more});
  config.tokenHost = accounts;
  config.baseUrl = accounts + '/api/';
  config.gqlUrl = origin + '/graphql';
  return new UpworkApi(null, new Client(config));
}

function call(api, query, variables) {
  return new Promise((resolve, reject) => new Graphql(api).execute(
    variables ? {query, variables} : {query},
    (error, status, data) => error ? reject(error) : resolve({status, data})));
}

async function main() {
  const api = connect({});
  const address = new URL(api.getAuthorizationUrl());
  const answer = await fetch(accounts + address.pathname + address.search, {redirect: 'manual'});
  assert.strictEqual(answer.status, 302);
  const back = new URL(answer.headers.get('location'));
  assert.strictEqual(back.searchParams.get('state'), 'STATE1');
  const given = await new Promise((resolve, reject) => api.getToken(
    back.searchParams.get('code'), (error, pair) => pair ? resolve(pair) : reject(error || new Error('no token'))));
  const token = given.token;
  assert.match(token.access_token, /^oauth2v2_[0-9a-f]{32}$/);
  await new Promise((resolve) => api.setNewAccessTokenPair(given, resolve));

  const me = await call(api, 'query { user { id nid rid } organization { id } }');
  assert.strictEqual(me.status, 200);
  assert.strictEqual(me.data.data.user.nid, 'wren_codes');
  api.setOrgUidHeader(me.data.data.organization.id);
  const found = await call(api, SEARCH, {f: {searchExpression_eq: 'rust'}});
  assert.ok(found.data.data.marketplaceJobPostingsSearch.totalCount > 0, JSON.stringify(found));
  const wrong = await call(api, SEARCH.replace('title', 'titel'));
  assert.strictEqual(wrong.data.errors[0].extensions.classification, 'ValidationError');

  const later = connect({accessToken: token.access_token, refreshToken: token.refresh_token,
    expiresIn: token.expires_in, expiresAt: new Date(Date.now() - 10000)});
  const pair = await new Promise((resolve) => later.setAccessToken((fresh) => resolve(fresh)));
  assert.match(pair.refresh_token, /^oauth2v2_[0-9a-f]{32}$/);
  assert.notStrictEqual(pair.refresh_token, token.refresh_token);
  const again = await call(later, '{ user { id } }');
  assert.strictEqual(again.data.data.user.id, me.data.data.user.id);
  console.log('all checks passed');
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
