locals {
  numbers = [3, 1, 2]
  servers = {
    main    = { tier = "GP", days = 7, tags = ["a", "b"] }
    replica = { tier = "MO", days = 14, tags = [] }
  }
  nothing = null
  name    = "web"
  nested  = { a = { b = { c = [10, 20, { d = "deep" }] } } }
  later   = local.earlier
  earlier = "defined below"
}

output "arithmetic" { value = [1 + 2 * 3, (1 + 2) * 3, 7 / 2, 8 / 2, 7 % 3, -7 % 3, -(3 - 5), 1.5 + 1.5, 1 / 3 < 0.34] }
output "text_to_number" { value = "2" * 3 + "1" }
output "comparison" { value = [1 < 2, 2 <= 2, 3 > 4, "a" == "a", "1" == 1, 1 == 1.0, null == null, local.nothing == null, [1] == [1], { a = 1 } == { a = 1 }] }
output "logic" { value = [true && false, true || false, !true, !(1 > 2) && true] }
output "conditional" { value = [true ? "a" : "b", 1 > 2 ? 1 : 2, local.nothing == null ? "none" : local.nothing] }
output "template" { value = "x-${local.name}-${1 + 1}-${true}" }
output "single_hole" { value = "${local.numbers}" }
output "escapes" { value = "tab\there \"quoted\" back\\slash $${literal} %%{literal} \u00e9 \U0001F418" }
output "directives" { value = "%{if local.name == "web"}yes%{else}no%{endif} %{for n in local.numbers}<${n}>%{endfor}" }
output "strip" { value = "a   ${~"b"~}   c %{~if true~}  d  %{~endif~} e" }
output "heredoc" {
  value = <<EOT
  keeps indent ${local.name}
no escape \n here $${x}
EOT
}
output "indented_heredoc" {
  value = <<-EOT
    first ${local.name}
      second
    %{for n in local.numbers~}
    item ${n}
    %{endfor~}
    last
  EOT
}
output "for_list" { value = [for n in local.numbers : n * 2 if n > 1] }
output "for_list_index" { value = [for i, n in local.numbers : "${i}=${n}"] }
output "for_map_to_list" { value = [for name, s in local.servers : "${name}:${s.tier}"] }
output "for_object" { value = { for name, s in local.servers : upper(name) => s.days } }
output "for_grouped" { value = { for n in ["aa", "ab", "ba"] : substr(n, 0, 1) => n... } }
output "splat" { value = values(local.servers)[*].tier }
output "splat_nested" { value = values(local.servers)[*].tags[*] }
output "attribute_splat" { value = values(local.servers).*.days }
output "splat_of_null" { value = local.nothing[*] }
output "splat_of_scalar" { value = local.name[*] }
output "index" { value = [local.numbers[0], local.servers["main"].tier, local.nested.a.b.c[2].d, local.nested["a"].b["c"][0], local.numbers.1] }
output "computed_key" { value = { (local.name) = 1, "${local.name}-x" = 2, plain = 3, "quoted" : 4 } }
output "try" { value = [try(local.servers.absent.tier, "fallback"), try(local.numbers[9], local.numbers[0]), try(tonumber("x"), -1)] }
output "can" { value = [can(local.servers.main), can(local.servers.absent), can(tonumber("x"))] }
output "lookup" { value = [lookup(local.servers, "absent", "d"), lookup({ a = 1 }, "a", 2)] }
output "merge" { value = merge({ a = 1, b = 2 }, { b = 3 }, null) }
output "coalesce" { value = [coalesce(null, "", "x"), coalesce(local.nothing, 2), try(coalesce(null, null), "none")] }
output "sets" { value = [toset(["b", "a", "b"]), contains(["a"], "a"), setunion(["a"], ["b"]), distinct([1, 1, 2])] }
output "format" { value = [format("%s-%03d-%t-%.2f-%q", "a", 7, true, 1.5, "q"), formatlist("%s!", ["a", "b"])] }
output "cidr" { value = [cidrhost("10.0.0.0/24", 5), cidrhost("10.0.0.0/24", -1), cidrsubnet("10.0.0.0/16", 8, 2)] }
output "expand" { value = [max([1, 5, 3]...), merge([{ a = 1 }, { b = 2 }]...)] }
output "one" { value = [one([]), one(["x"])] }
output "flatten" { value = flatten([["a"], [["b"], "c"], []]) }
output "zip" { value = zipmap(["a", "b"], [1, 2]) }
output "json" { value = [jsonencode({ b = [1, "<x>"], a = null }), jsondecode("{\"a\": [1, 2.5, null]}")] }
output "yaml" { value = yamldecode("a: 1\nb: [x, y]\n") }
output "regex" { value = [regex("^([a-z]+)-([0-9]+)$", "web-12"), regexall("[0-9]", "a1b2"), replace("a-b-c", "/-(.)/", "_$1"), replace("a.b", ".", "-")] }
output "order" { value = local.later }
output "long" {
  value = join(",", [
    for k in sort(keys(local.servers)) : # a comment
    k if local.servers[k].days > 1       // another
  ])
}
output "parenthesised" {
  value = (
    local.name == "web"
    && length(local.numbers) == 3
    ? "multi-line"
    : "no"
  )
}
output "equality_of_types" { value = ["true" == true, tostring(1) == "1", tolist(["a"]) == tolist(["a"])] }
output "object_keys_like_keywords" { value = { if = 2, for = 1, in = 3, null = 4, true = 5 } }
