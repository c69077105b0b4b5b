variable "x" { default = "base" }
locals {
  a = "base"
  b = "base"
}
resource "terraform_data" "d" {
  input = "base"
}
output "all" { value = [var.x, local.a, local.b, terraform_data.d.input] }
