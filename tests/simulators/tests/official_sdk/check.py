"""Drives the official Freelancer client against a simulator.

Arguments: the API's origin, the freelancer's token, an employer's token, a project id of that employer.
Ends with "all checks passed", or with a traceback.
"""

import sys

from freelancersdk.resources.projects.exceptions import BidNotPlacedException, ProjectsNotFoundException
from freelancersdk.resources.projects.helpers import (
    create_get_projects_object, create_get_projects_project_details_object,
    create_get_projects_user_details_object, create_search_projects_filter)
from freelancersdk.resources.projects.projects import (
    accept_milestone_request, accept_project_bid, award_project_bid, create_milestone_request, get_bids, get_jobs,
    get_milestone_by_id, get_milestones, get_project_by_id, get_projects, highlight_project_bid, place_project_bid,
    release_milestone_payment, request_release_milestone_payment, retract_project_bid, search_projects)
from freelancersdk.resources.users.users import get_reputations, get_self, get_self_user_id, get_users, add_user_jobs
from freelancersdk.session import Session

origin, token, employer_token, project_id = sys.argv[1:]
project_id = int(project_id)
session = Session(oauth_token=token, url=origin)
employer = Session(oauth_token=employer_token, url=origin)

me = get_self(session)
assert me["username"] == "wren_codes", me
assert get_self_user_id(session) == me["id"]

details = create_get_projects_project_details_object(full_description=True, jobs=True, upgrades=True, location=True)
people = create_get_projects_user_details_object(basic=True, employer_reputation=True, status=True, country=True)
found = search_projects(
    session, query="rust", active_only=True, limit=40, offset=0,
    search_filter=create_search_projects_filter(
        project_types=["fixed", "hourly"], jobs=[5001, 5003], min_avg_price=250, sort_field="time_updated"),
    project_details=details, user_details=people)
assert found["total_count"] >= len(found["projects"]) > 0, found["total_count"]
for project in found["projects"]:
    assert project["description"] is not None and project["jobs"] and project["upgrades"] is not None
    owner = found["users"][str(project["owner_id"])]
    assert owner is None or owner["employer_reputation"]["entire_history"]["overall"] >= 0
assert search_projects(session, query="", active_only=False, limit=10, offset=10)["projects"]

one = get_project_by_id(session, project_id, project_details=details, user_details=people)
assert one["id"] == project_id
listed = get_projects(session, create_get_projects_object(
    project_ids=[project_id], project_details=details, user_details=people))
assert [project["id"] for project in listed["projects"]] == [project_id]
try:
    get_project_by_id(session, 1)
    raise SystemExit("an unknown project was found")
except ProjectsNotFoundException as error:
    assert error.error_code.endswith("PROJECT_NOT_FOUND"), error.error_code

terms = dict(project_id=project_id, bidder_id=me["id"], description="Hello", amount=25000.5, period=7, milestone_percentage=50)
bid = place_project_bid(session, **terms)
try:
    place_project_bid(session, **terms)
    raise SystemExit("a duplicate bid was placed")
except BidNotPlacedException as error:
    assert error.error_code == "ProjectExceptionCodes.DUPLICATE_BID", error.error_code
    assert len(error.request_id) == 32
assert retract_project_bid(session, bid.id) == "success"
assert get_bids(session, bid_ids=[bid.id])["bids"][0]["retracted"] is True

bid = place_project_bid(session, **terms)
assert highlight_project_bid(session, bid.id) == "success"
assert len(get_bids(session, project_ids=[project_id])["bids"]) == 2
assert award_project_bid(employer, bid.id) == "success"
assert accept_project_bid(session, bid.id) == "success"

request = create_milestone_request(session, project_id=project_id, bid_id=bid.id, description="first", amount=100)
assert accept_milestone_request(employer, request.id) == "success"
milestones = get_milestones(session, project_ids=[project_id])["milestones"]
(number,) = milestones
assert get_milestone_by_id(session, number)["milestones"][number]["status"] == "frozen"
assert request_release_milestone_payment(session, number) == "success"
assert release_milestone_payment(employer, number, 100) == "success"
assert get_milestones(session, project_ids=[project_id])["milestones"][number]["status"] == "cleared"

assert {job["name"] for job in get_jobs(session, [3, 17], True, "en")} == {"PHP", "Website Design"}
owner = one["owner_id"]
assert get_reputations(session, [owner], role="employer")[str(owner)]["role"] == "employer"
assert str(owner) in get_users(session, {"users[]": [owner], "employer_reputation": True})["users"]
assert add_user_jobs(session, [5001]) == "success"
print("all checks passed")
