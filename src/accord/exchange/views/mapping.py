from django.http import HttpResponse

from accord.agreements.entry import own_desk
from accord.agreements.pages import page


@own_desk("records-administration")
def _m(request, **k):
    return HttpResponse("")


mappings = saved = builder = page(get=_m)
