module rbacform.io/bench/bare

go 1.26
