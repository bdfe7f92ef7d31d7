<?php
namespace Deployer;

require 'recipe/common.php';

set('repository', '@sandbox@/origin.git');
set('keep_releases', 10);
set('shared_dirs', ['storage']);
set('allow_anonymous_stats', false);

localhost('production')
    ->set('deploy_path', '@sandbox@/deploy');

task('artisan:migrate', fn () => run('cd {{release_path}} && php artisan migrate --force'));
task('deploy', ['deploy:prepare', 'artisan:migrate', 'deploy:publish']);
after('deploy:failed', 'deploy:unlock');
