from_tfvars  = "tfvars"
from_auto    = "tfvars"
list         = [1, true, "x"]
set          = ["b", "a", "b"]
number       = "42"
flag         = "true"
tuple        = [1, "2"]
object       = { a = 5, dropped = 1 }
any          = { x = [1, "a"] }
map          = { a = 1, b = "x" }
null_allowed = null
null_refused = null
