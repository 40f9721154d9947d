"""Checks that Microsoft's own Python client for Graph (beta) accepts the simulator.

Usage: python sdk.py http://127.0.0.1:4010
"""

import asyncio
import sys
import time

import httpx
from kiota_abstractions.authentication import AnonymousAuthenticationProvider
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph_beta import GraphRequestAdapter, GraphServiceClient
from msgraph_beta.generated.groups.groups_request_builder import GroupsRequestBuilder
from msgraph_beta.generated.models.device_management_configuration_choice_setting_instance import (
    DeviceManagementConfigurationChoiceSettingInstance,
)
from msgraph_beta.generated.models.o_data_errors.o_data_error import ODataError
from msgraph_beta.generated.models.windows_update_for_business_configuration import (
    WindowsUpdateForBusinessConfiguration,
)
from msgraph_core import GraphClientFactory


def check(what: str, holds: bool) -> None:
    print(("ok    " if holds else "FAILED ") + what)
    if not holds:
        sys.exit(1)


def connect(base: str) -> tuple[GraphServiceClient, dict]:
    tenant = httpx.get(f"{base}/_control/tenants").json()[0]
    token = httpx.post(
        f"{base}/{tenant['directoryId']}/oauth2/v2.0/token",
        data={
            "grant_type": "client_credentials",
            "client_id": tenant["clientId"],
            "client_secret": tenant["clientSecret"],
            "scope": "https://graph.microsoft.com/.default",
        },
    ).json()["access_token"]
    client = httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=60)
    client = GraphClientFactory.create_with_default_middleware(client=client, host=base)
    adapter = GraphRequestAdapter(AnonymousAuthenticationProvider(), client=client)
    adapter.base_url = f"{base}/beta"
    return GraphServiceClient(request_adapter=adapter), tenant


async def every(builder, configuration=None) -> tuple[list, int]:
    """All objects of a collection and the number of pages."""
    page = await builder.get(request_configuration=configuration)
    found, pages = list(page.value), 1
    while page.odata_next_link:
        page = await builder.with_url(page.odata_next_link).get()
        found.extend(page.value)
        pages += 1
    return found, pages


async def main(base: str) -> None:
    graph, tenant = connect(base)
    faults = f"{base}/_control/tenants/{tenant['directoryId']}/faults"
    management = graph.device_management

    policies, pages = await every(management.configuration_policies)
    check(f"{len(policies)} settings-catalog policies on {pages} pages", pages > 1 and all(p.name for p in policies))
    large = max(policies, key=lambda policy: policy.setting_count)
    settings, pages = await every(management.configuration_policies.by_device_management_configuration_policy_id(large.id).settings)
    check(f"{len(settings)} settings of one policy on {pages} pages", len(settings) == large.setting_count)
    typed = [s for s in settings if isinstance(s.setting_instance, DeviceManagementConfigurationChoiceSettingInstance)]
    check(f"{len(typed)} of them are typed choices", len(typed) > 0 and all(s.setting_instance.choice_setting_value.value for s in typed))

    configurations, _ = await every(management.device_configurations)
    rings = [c for c in configurations if isinstance(c, WindowsUpdateForBusinessConfiguration)]
    check(f"{len(configurations)} device configurations, {len(rings)} of them update rings", len(rings) > 0)
    check("dates are read as dates", all(c.last_modified_date_time.year > 2000 for c in configurations))

    query = GroupsRequestBuilder.GroupsRequestBuilderGetQueryParameters(select=["id", "displayName"], top=999)
    groups, pages = await every(graph.groups, RequestConfiguration(query_parameters=query))
    check(f"{len(groups)} groups on {pages} pages", len(groups) == tenant["groups"] and all(g.display_name for g in groups))

    try:
        await management.device_configurations.by_device_configuration_id("no-such-policy").get()
        check("an unknown policy raises ODataError", False)
    except ODataError as error:
        check(f"an unknown policy raises ODataError {error.error.code}", error.response_status_code == 404 and error.error.code == "ResourceNotFound")

    httpx.put(faults, json={"throttleEvery": 2, "retryAfterSeconds": 2})
    await management.device_configurations.get()
    before = time.monotonic()
    answer = await management.device_configurations.get()
    waited = time.monotonic() - before
    httpx.put(faults, json={})
    check(f"a throttled call succeeds after {waited:.1f} s", bool(answer.value) and waited >= 2)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    asyncio.run(main(sys.argv[1].rstrip("/")))
