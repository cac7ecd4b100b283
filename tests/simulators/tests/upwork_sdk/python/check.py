"""Drives the official Upwork client for Python against a simulator.

Arguments: the accounts' origin, the API's origin. Ends with "all checks passed", or with a traceback.
The client has no setting for its hosts: its module's constants are replaced.
"""

import os
import sys
import time

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

import requests  # noqa: E402
import upwork  # noqa: E402
import upwork.upwork as constants  # noqa: E402
from oauthlib.oauth2.rfc6749.errors import AccessDeniedError, InvalidGrantError  # noqa: E402
from upwork.routers import graphql  # noqa: E402

accounts, api = sys.argv[1:]
constants.BASE_HOST = accounts
constants.GQL_EPOINT = api + "/graphql"
REDIRECT = "http://127.0.0.1:9/cb"
KEY = {"client_id": "sim-client", "client_secret": "sim-secret", "redirect_uri": REDIRECT}
SEARCH = """query Q($f: MarketplaceJobPostingsSearchFilter) {
  marketplaceJobPostingsSearch(marketPlaceJobFilter: $f) { totalCount edges { node { id title } } } }"""


def call(client, query, variables=None):
    params = {"query": query}
    if variables is not None:
        params["variables"] = variables
    return graphql.Api(client).execute(params)


client = upwork.Client(upwork.Config(dict(KEY)))
address, state = client.get_authorization_url()
answer = requests.get(address, allow_redirects=False, timeout=20)
assert answer.status_code == 302, answer.status_code
token = client.get_access_token(answer.headers["location"])
assert token["token_type"] == "Bearer" and token["expires_in"] == 86400, token
assert token["access_token"].startswith("oauth2v2_"), token

me = call(client, "query { user { id nid rid } organization { id } }")
assert me["data"]["user"]["nid"] == "wren_codes", me
client.set_org_uid_header(me["data"]["organization"]["id"])
found = call(client, SEARCH, {"f": {"searchExpression_eq": "rust"}})["data"]["marketplaceJobPostingsSearch"]
assert found["totalCount"] > 0 and "title" in found["edges"][0]["node"], found
wrong = call(client, SEARCH.replace("title", "titel"))
assert wrong["errors"][0]["extensions"]["classification"] == "ValidationError", wrong

# A token whose time is over is refreshed by the client itself, with its GraphQL call in the same form.
old = dict(token, expires_at=time.time() - 10)
again = upwork.Config(dict(KEY, token=dict(old)))
assert call(upwork.Client(again), "{ user { id } }")["data"]["user"]["id"] == me["data"]["user"]["id"]
assert again.token["refresh_token"] != token["refresh_token"]
assert again.token["access_token"] != token["access_token"]
try:
    call(upwork.Client(upwork.Config(dict(KEY, token=dict(old)))), "{ user { id } }")
    raise SystemExit("a spent refresh token was taken")
except InvalidGrantError:
    pass

denied = upwork.Client(upwork.Config(dict(KEY)))
_, state = denied.get_authorization_url()
try:
    denied.get_access_token(f"{REDIRECT}?error=access_denied&state={state}")
    raise SystemExit("a denial was taken for a code")
except AccessDeniedError:
    pass
print("all checks passed")
