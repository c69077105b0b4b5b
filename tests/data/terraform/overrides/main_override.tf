variable "x" { default = "override" }
locals {
  a = "override"
}
resource "terraform_data" "d" {
  input = "override"
}
