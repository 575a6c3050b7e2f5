"""A check of schemathesis: without a token there is no answer but 401."""

import schemathesis


@schemathesis.check
def only_unauthorized(ctx, response, case):
    assert response.status_code == 401, f"{response.status_code} without a token"
